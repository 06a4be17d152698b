/**
 * What one recorded frame says, whatever the exchange: the common shape between the venue decoders and the importer.
 * Prices and sizes stay decimal text here; they become integers once the grid is known.
 */

/** [price, size] as decimal text. */
export type TextLevel = readonly [string, string]

export interface BookFrame {
  readonly kind: 'snapshot' | 'delta' | 'bestQuote'
  /** null: the frame does not say (a REST snapshot). */
  readonly symbol: string | null
  /** Matching time; null where the venue gives none. Milliseconds. */
  readonly exchangeMs: number | null
  readonly sentMs: number | null
  /** Update ids that the frame covers. */
  readonly firstId: number
  readonly lastId: number
  /** Last id of the delta that must stand before this one. */
  readonly previousId: number
  /** Comparable across all book streams of the symbol: which of two frames is newer. */
  readonly sequence: number
  /** Which of several book streams of one capture ("orderbook.50"); only one can be recorded. */
  readonly stream: string
  /** A snapshot asked for apart from the stream: it may be older than deltas that came before it. */
  readonly isAnswer: boolean
  readonly bids: readonly TextLevel[]
  readonly asks: readonly TextLevel[]
}

export interface TradeFrame {
  readonly kind: 'trade'
  readonly symbol: string
  readonly exchangeMs: number
  readonly sentMs: number | null
  /** 0 where ids are no numbers. */
  readonly id: number
  readonly takerSide: 1 | -1
  readonly price: string
  readonly size: string
  readonly isOffBook: boolean
}

export type Frame = BookFrame | TradeFrame

export type Category = 'linear' | 'inverse' | 'spot'

export type Decoded =
  | { readonly frames: readonly Frame[]; readonly category: Category | null }
  /** Nothing to record, and why: counted by that text. */
  | { readonly skip: string }

export type Json = Readonly<Record<string, unknown>>

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A decoder refuses by throwing this; the importer turns it into an error with the line. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export function textOf(frame: Json, field: string): string {
  const value = frame[field]
  if (typeof value !== 'string') throw new FrameError(`field "${field}" is no text`)
  return value
}

/** A whole number below 2^53, given as a JSON number. */
export function idOf(frame: Json, field: string): number {
  const value = frame[field]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new FrameError(`field "${field}" is no whole number`)
  }
  return value
}

export function optionalId(frame: Json, field: string): number | null {
  return frame[field] === undefined ? null : idOf(frame, field)
}

export function levelsOf(frame: Json, field: string): readonly TextLevel[] {
  const value = frame[field]
  if (!Array.isArray(value) || !value.every(isLevel)) throw new FrameError(`field "${field}" is no list of levels`)
  return value
}

function isLevel(value: unknown): value is TextLevel {
  return Array.isArray(value) && value.length >= 2 && typeof value[0] === 'string' && typeof value[1] === 'string'
}
