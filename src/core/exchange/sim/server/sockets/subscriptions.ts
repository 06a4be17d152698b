/**
 * Subscribe and unsubscribe on one session, the same for public and private paths. One bad or repeated argument voids
 * the whole request, its good topics included (BYBIT.md §2.2).
 */
import type { Hub } from './hub.ts'
import type { Session } from './session.ts'

export class Subscriptions {
  /** Topic → hub key. */
  private readonly topics = new Map<string, string>()
  private readonly session: Session
  private readonly hub: Hub

  constructor(session: Session, hub: Hub) {
    this.session = session
    this.hub = hub
    session.onClosed(() => this.clear())
  }

  get size(): number {
    return this.topics.size
  }

  has(topic: string): boolean {
    return this.topics.has(topic)
  }

  all(): readonly string[] {
    return [...this.topics.keys()]
  }

  /** Why the request fails, or ''. */
  fault(topics: readonly string[], isKnown: (topic: string) => boolean): string {
    const seen = new Set<string>()
    for (const topic of topics) {
      if (!isKnown(topic)) return `error:handler not found,topic:${topic}`
      if (this.topics.has(topic) || seen.has(topic)) return `error:already subscribed,topic:${topic}`
      seen.add(topic)
    }
    return ''
  }

  add(topic: string, key: string): void {
    this.topics.set(topic, key)
    this.hub.add(this.session, key)
  }

  remove(topic: string): void {
    const key = this.topics.get(topic)
    if (key === undefined) return
    this.topics.delete(topic)
    this.hub.remove(this.session, key)
  }

  private clear(): void {
    for (const topic of this.all()) this.remove(topic)
  }
}
