/**
 * Scripted misbehaviour: a list of rules, each naming where it bites (request before it is looked at, reply after it
 * landed, stream frame, whole socket, the venue's own conduct), which endpoint, how often, with what seeded chance and in which window. Given at start or by
 * POST /sim/faults; the same rules, seed and traffic bite at the same places.
 */
import { Prng } from '../../../domain/prng.ts'
import type { HttpReply } from '../../wire.ts'

export const FAULT_PLACES = ['request', 'reply', 'push', 'socket', 'venue'] as const
export type FaultPlace = (typeof FAULT_PLACES)[number]

export const FAULT_EFFECTS = [
  'lose',
  'reset',
  'delay',
  'double',
  'code',
  'html',
  'limit',
  'ban',
  'survive',
  'partial',
  'idle',
  'lag',
  'shift',
  'auction',
  'nameless',
  'echo',
  'odd',
  'restart',
  'empty',
  'crossed',
  'mute',
  'refuse',
  'retired',
  'forget',
  'ending',
  'closed',
  'tick',
  'funding',
  'adl',
  'bust',
  'settle',
] as const
/**
 * lose: nothing arrives · reset: the connection breaks · delay: `delayMs` more · double: a stream frame comes twice ·
 * code: `retCode` and `retMsg` instead · html: `status` with an HTML body instead · limit: 10006 with the headers of a
 * quota that opens in `delayMs` · ban: this address gets 403 for `delayMs`. At the venue (quirks.ts), on "cancel-all":
 * survive, partial, idle; on "realtime": lag (listings are `delayMs` old), shift (pages by row number); auction: `match`
 * is a symbol. nameless: `retCode` on a socket without the request's id. On stream frames (frame-faults.ts): echo,
 * odd, restart, empty, crossed. On a socket's path: mute (nothing leaves it, half-open), refuse (no new one). At the
 * venue: retired (topic `match`), forget (closed orders by "realtime"), lag (closed orders by "history"); for symbol
 * `match`: ending, closed, tick (instruments-info only); funding, adl, bust, settle (once, at `fromMs`, apart.ts).
 */
export type FaultEffect = (typeof FAULT_EFFECTS)[number]

export interface FaultRule {
  readonly at: FaultPlace
  /** Text contained in the endpoint ("POST /v5/order/create", "order.create") or topic; '' is every one, a closing "$" the end. */
  readonly match: string
  readonly effect: FaultEffect
  readonly delayMs: number
  readonly retCode: number
  readonly retMsg: string
  readonly status: number
  /** Bites at most this often. */
  readonly count: number
  /** After letting this many matching messages pass. */
  readonly skip: number
  readonly probability: number
  /** Since the server's start. */
  readonly fromMs: number
  readonly untilMs: number
}

/** What to do to one message. */
export interface Bite {
  readonly effect: FaultEffect
  readonly delayUs: number
  /** Takes the place of the reply, for `code` and `html`. */
  readonly reply: HttpReply | null
  readonly retCode: number
  readonly retMsg: string
}

interface Armed {
  readonly rule: FaultRule
  skipped: number
  bites: number
}

export class Faults {
  private armed: Armed[] = []
  private prng: Prng
  private readonly sinceStartMs: () => number
  private readonly envelope: (retCode: number, retMsg: string) => string

  constructor(seed: number, sinceStartMs: () => number, envelope: (retCode: number, retMsg: string) => string) {
    this.prng = new Prng(seed).split('faults')
    this.sinceStartMs = sinceStartMs
    this.envelope = envelope
  }

  /** Replaces all rules. */
  arm(rules: readonly FaultRule[], seed?: number): void {
    this.armed = rules.map((rule) => ({ rule, skipped: 0, bites: 0 }))
    if (seed !== undefined) this.prng = new Prng(seed).split('faults')
  }

  /** Rules with how often each has bitten. */
  state(): readonly { readonly rule: FaultRule; readonly bites: number }[] {
    return this.armed.map(({ rule, bites }) => ({ rule, bites }))
  }

  /** Some rule has this effect. */
  has(effect: FaultEffect): boolean {
    return this.armed.some(({ rule }) => rule.effect === effect)
  }

  /** Rules with one of these effects and when they are due, ms from now; those whose time has gone are left out. */
  due(effects: readonly FaultEffect[]): readonly { readonly rule: FaultRule; readonly inMs: number }[] {
    return this.armed
      .filter(({ rule }) => effects.includes(rule.effect))
      .map(({ rule }) => ({ rule, inMs: rule.fromMs - this.sinceStartMs() }))
      .filter(({ inMs }) => inMs >= 0)
  }

  /** A state rather than an event: some rule with this effect and exactly this `match` is in its window. */
  isStanding(effect: FaultEffect, match: string): boolean {
    return this.armed.some(({ rule }) => rule.effect === effect && rule.match === match && this.isInWindow(rule))
  }

  /** The first rule that bites this message, or null; of one effect only, when it is named. */
  take(place: FaultPlace, name: string, effect?: FaultEffect): Bite | null {
    if (this.armed.length === 0) return null
    for (const armed of this.armed) {
      const { rule } = armed
      if (effect !== undefined && rule.effect !== effect) continue
      if (rule.at !== place || !isMeant(name, rule.match) || armed.bites >= rule.count || !this.isInWindow(rule))
        continue
      if (armed.skipped++ < rule.skip || !this.prng.chance(rule.probability)) continue
      armed.bites++
      return this.bite(rule)
    }
    return null
  }

  private isInWindow(rule: FaultRule): boolean {
    const ms = this.sinceStartMs()
    return rule.fromMs <= ms && ms < rule.untilMs
  }

  private bite(rule: FaultRule): Bite {
    const { effect, retCode, retMsg } = rule
    return { effect, delayUs: rule.delayMs * 1_000, reply: this.replyOf(rule), retCode, retMsg }
  }

  private replyOf(rule: FaultRule): HttpReply | null {
    if (rule.effect === 'html') {
      return { status: rule.status, headers: { 'content-type': 'text/html' }, body: htmlPage(rule.status) }
    }
    if (rule.effect !== 'code') return null
    const headers = { 'content-type': 'application/json; charset=utf-8', ret_code: String(rule.retCode) }
    return { status: rule.status, headers, body: this.envelope(rule.retCode, rule.retMsg) }
  }
}

function isMeant(name: string, match: string): boolean {
  return match.endsWith('$') ? name.endsWith(match.slice(0, -1)) : name.includes(match)
}

/** A page as a proxy in front of the exchange sends it. */
export function htmlPage(status: number): string {
  const title = status === 403 ? '403 access too frequent' : `${status} error`
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
}
