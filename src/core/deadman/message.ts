/**
 * One heartbeat as bytes: a JSON line, and across hosts an HMAC behind it. The counter only grows, over restarts of the
 * bot too (it starts at the wall clock), so that a recorded heartbeat keeps nobody alive. Never carries a key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface Heartbeat {
  /** beat: alive · stop: ended in order, nothing of ours is open · probe: asks whether a guard is there, arms nothing. */
  readonly kind: 'beat' | 'stop' | 'probe'
  /** Start of the bot's order ids: tells one bot from another. */
  readonly bot: string
  readonly counter: number
  readonly sentMs: number
  /** The bot's monotonic clock: no step of a wall clock moves it, so that a beat held back on the way shows. */
  readonly upMs: number
  /** Where it trades, for a guard that was not told. */
  readonly venue: string
  readonly exchangeUrl: string
  /** recv window of its creates, ms. */
  readonly createWindowMs: number
  /** Where its lock and latch live, for a guard of the same host; '' when it does not say. */
  readonly stateDir: string
}

const PATH_MAX = 2_000

/** Text of a heartbeat; signed when there is a key. */
export function encode(heartbeat: Heartbeat, key: Buffer | null): string {
  const text = JSON.stringify(heartbeat)
  return key === null ? text : `${text} ${tagOf(text, key)}`
}

/** The heartbeat, or null for anything that is not one or is not signed with our key. */
export function decode(line: string, key: Buffer | null): Heartbeat | null {
  const text = key === null ? line : verified(line, key)
  if (text === null) return null
  try {
    return heartbeatOf(JSON.parse(text))
  } catch {
    // Not JSON: not a heartbeat.
    return null
  }
}

/** Answer of the guard: it heard this counter. */
export function encodeAck(counter: number, key: Buffer | null): string {
  const text = `ack ${counter}`
  return key === null ? text : `${text} ${tagOf(text, key)}`
}

export function decodeAck(line: string, key: Buffer | null): number | null {
  const text = key === null ? line : verified(line, key)
  const match = /^ack (\d{1,16})$/.exec(text ?? '')
  return match === null ? null : Number(match[1])
}

const tagOf = (text: string, key: Buffer): string => createHmac('sha256', key).update(text).digest('hex')

function verified(line: string, key: Buffer): string | null {
  const cut = line.lastIndexOf(' ')
  const text = line.slice(0, Math.max(cut, 0))
  const given = Buffer.from(line.slice(cut + 1))
  const expected = Buffer.from(tagOf(text, key))
  return given.length === expected.length && timingSafeEqual(given, expected) ? text : null
}

function heartbeatOf(value: unknown): Heartbeat | null {
  if (typeof value !== 'object' || value === null) return null
  const {
    kind,
    bot,
    counter,
    sentMs,
    upMs,
    venue,
    exchangeUrl,
    createWindowMs,
    stateDir = '',
  } = value as {
    [name in keyof Heartbeat]?: unknown
  }
  if (kind !== 'beat' && kind !== 'stop' && kind !== 'probe') return null
  if (typeof bot !== 'string' || bot === '' || bot.length > 36) return null
  if (!isCount(counter) || !isCount(sentMs) || !isCount(upMs)) return null
  if (!isCount(createWindowMs) || createWindowMs > 60_000) return null
  if (typeof venue !== 'string' || typeof exchangeUrl !== 'string' || exchangeUrl.length > 300) return null
  if (typeof stateDir !== 'string' || stateDir.length > PATH_MAX) return null
  return { kind, bot, counter, sentMs, upMs, venue, exchangeUrl, createWindowMs, stateDir }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
