/**
 * Authentication of a private or order-entry socket. The two acknowledge in different shapes, and a refusal must be
 * seen in both: a client that misses it goes on as if it were known.
 */
import { MmError } from '../../errors.ts'
import { actionOf } from './codes.ts'
import type { Gateway } from './gateway.ts'
import { type JsonObject, textOf, wholeOf } from './json-value.ts'
import { authMessage } from './signing.ts'

/** `expires` must lie in the exchange's future; a second is too short for slow links. */
const EXPIRES_MS = 10_000
const REFUSALS_MAX = 3

export class SessionAuth {
  private readonly gateway: Gateway
  private readonly remeasure: () => void
  private refusals = 0

  constructor(gateway: Gateway, remeasure: () => void) {
    this.gateway = gateway
    this.remeasure = remeasure
  }

  message(): string {
    return authMessage(this.gateway.signer, this.gateway.clock.nowMs() + EXPIRES_MS)
  }

  /**
   * True when this ack lets us in. Otherwise the socket must be given up: the next one comes with a fresh measure of
   * the exchange's clock, and the third refusal in a row, or one whose code leaves no doubt, ends the run.
   */
  accepts(ack: JsonObject): boolean {
    const code = wholeOf(ack, 'retCode')
    const isAccepted = Number.isNaN(code) ? ack['success'] === true : code === 0 || code === 20001
    if (isAccepted && ack['success'] !== false) {
      this.refusals = 0
      return true
    }
    this.refusals++
    const isCertain = !Number.isNaN(code) && actionOf(code) === 'fatal-auth'
    if (isCertain || this.refusals >= REFUSALS_MAX) {
      const what = textOf(ack, 'ret_msg') || textOf(ack, 'retMsg')
      // The exchange may echo the signed text, key included.
      const shown = what.replaceAll(this.gateway.signer.apiKey, '[key]').slice(0, 80)
      this.gateway.fatal(new MmError('EXCHANGE_AUTH', { code: Number.isNaN(code) ? 0 : code, what: shown }))
    } else this.remeasure()
    return false
  }
}
