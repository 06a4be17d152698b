/** Tells people through a webhook: JSON with a `text`, as chat services take it. Bounded, retried, never throws. */
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'

export interface Alert {
  readonly level: 'info' | 'error'
  readonly text: string
  readonly evidenceId?: string
}

const TRIES = 3
const TRY_MS = 4_000

/** '' when it was taken, else why not. */
export async function sendAlert(url: string, alert: Alert): Promise<string> {
  let fault = ''
  for (let i = 0; i < TRIES; i++) {
    if (i > 0) await sleep(500 * i)
    fault = await post(url, alert)
    if (fault === '') return ''
  }
  return fault
}

async function post(url: string, alert: Alert): Promise<string> {
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ source: 'mm guard', host: hostname(), ...alert }),
      redirect: 'error',
      signal: AbortSignal.timeout(TRY_MS),
    })
    await reply.arrayBuffer()
    return reply.ok ? '' : `HTTP ${reply.status}`
  } catch (error) {
    return messageOf(error)
  }
}
