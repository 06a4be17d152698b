/**
 * What a request came to, before it becomes bytes: one shape for REST and for order entry by WebSocket. The texts are
 * the ones Bybit sends (BYBIT.md §1.5); code that branches on them is wrong.
 */

/** JSON-able object of a reply. */
export type Json = Readonly<Record<string, unknown>>

export interface Outcome {
  readonly retCode: number
  readonly retMsg: string
  readonly result: Json
  readonly retExtInfo: Json
  /** `disconnected-cancel-all` answers with code and text only. */
  readonly isBare?: boolean
}

const NOTHING: Json = {}

export const accepted = (result: Json = NOTHING, retExtInfo: Json = NOTHING): Outcome => ({
  retCode: 0,
  retMsg: 'OK',
  result,
  retExtInfo,
})

export const refused = (retCode: number, retMsg: string): Outcome => ({
  retCode,
  retMsg,
  result: NOTHING,
  retExtInfo: NOTHING,
})

export const KEY_EXPIRED = refused(33004, 'Your api key has expired.')

export const badParam = (what: string): Outcome => refused(10001, `params error: ${what}`)

/** Thrown by parameter readers, caught where the handler is called: the request ends with this outcome. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(outcome.retMsg)
    this.outcome = outcome
  }
}

export const refuse = (retCode: number, retMsg: string): never => {
  throw new Refusal(refused(retCode, retMsg))
}
