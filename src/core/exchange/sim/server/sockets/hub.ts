/** Who listens to what: topics by key, subscribers in order of arrival. Keys are made by the session kinds. */
import type { Session } from './session.ts'

export class Hub {
  private readonly listeners = new Map<string, Set<Session>>()

  has(key: string): boolean {
    return this.listeners.has(key)
  }

  add(session: Session, key: string): void {
    const found = this.listeners.get(key)
    if (found === undefined) this.listeners.set(key, new Set([session]))
    else found.add(session)
  }

  remove(session: Session, key: string): void {
    const found = this.listeners.get(key)
    if (found?.delete(session) && found.size === 0) this.listeners.delete(key)
  }

  /** Sends one frame to every listener of `key`; true when there was one. */
  publish(key: string, topic: string, text: string): boolean {
    const found = this.listeners.get(key)
    if (found === undefined) return false
    for (const session of found) session.push(topic, text)
    return true
  }
}

export const publicKey = (category: string, topic: string): string => `${category}/${topic}`
export const accountKey = (uid: string, topic: string): string => `${uid}#${topic}`
