/**
 * What journal records mean: decodes them back into the events and requests that were journalled. Reading only, so that
 * recovery, replay and the emergency path share one understanding of a journal.
 */
import { BookEvent, type EngineEvent, type FillEvent, type FundingEvent, TradeEvent } from '../domain/event.ts'
import { Request } from '../domain/request.ts'
import type { OrderSeq, PriceTicks, SizeLots, SymbolId, TimeUs } from '../domain/units.ts'
import { KIND, REQUEST_KINDS, TIME_IN_FORCE } from './journal-format.ts'

/** First record of a run: what it was, for people and for the next run's recovery. */
export interface RunRecord {
  readonly epoch: string
  readonly venue: string
  /** Account, '' until known. */
  readonly uid: string
  readonly symbols: readonly string[]
  /** Prefix of this run's order link ids. */
  readonly linkPrefix: string
  readonly version: string
  readonly startedMs: number
  readonly seed: number | null
  /** Effective configuration, for replay. */
  readonly config: unknown
  /** SHA-256 of it; missing in journals of older versions. */
  readonly configHash?: string
  /** Where each value that is no default was said, by key. */
  readonly configOrigins?: Readonly<Record<string, string>>
  /** What earlier runs of the day had lost, 1e-8 quote coins: it was taken off this run's loss limit. */
  readonly lossCarriedE8?: number
  /** What the run was told of those before it; missing in journals of older versions. */
  readonly past?: { readonly drawdownE8: number; readonly executionsUs: Readonly<Record<string, readonly number[]>> }
  /** The halt that a person cleared since the run before, with his reason; null when none was. */
  readonly resumed?: unknown
}

/** Market data of one symbol that was given up instead of queued. */
export interface ShedRecord {
  readonly symbol: number
  readonly events: number
  readonly reason: string
  readonly nowUs: number
}

/** Last record of a run that ended in order. */
export interface EndRecord {
  readonly reason: string
  /** Null: the exchange could not be asked. */
  readonly openOrders: number | null
  readonly verifiedZero: boolean
  readonly nowUs: number
}

export type Decoded =
  | { readonly type: 'event'; readonly event: EngineEvent }
  | {
      readonly type: 'request'
      readonly kind: 'intent' | 'cancel' | 'withheld'
      readonly request: Request
      nowUs: number
    }
  | { readonly type: 'run'; readonly run: RunRecord }
  | { readonly type: 'shed'; readonly shed: ShedRecord }
  | { readonly type: 'end'; readonly end: EndRecord }
  | { readonly type: 'recovered'; readonly recovered: unknown }

/** Null for a kind this program does not know. */
export function decodeRecord(kind: number, payload: Buffer): Decoded | null {
  switch (kind) {
    case KIND.book:
      return { type: 'event', event: decodeBook(payload) }
    case KIND.trade:
      return { type: 'event', event: decodeTrade(payload) }
    case KIND.decide:
      return { type: 'event', event: { kind: 'decide', nowUs: payload.readDoubleLE(0) as TimeUs } }
    case KIND.intent:
      return { type: 'request', kind: 'intent', ...decodeRequest(payload) }
    case KIND.cancel:
      return { type: 'request', kind: 'cancel', ...decodeRequest(payload) }
    case KIND.withheld:
      return { type: 'request', kind: 'withheld', ...decodeRequest(payload) }
    case KIND.fill:
    case KIND.funding:
      return { type: 'event', event: withMoney(json(payload) as TextedMoney) }
    case KIND.run:
      return { type: 'run', run: json(payload) as RunRecord }
    case KIND.shed:
      return { type: 'shed', shed: json(payload) as ShedRecord }
    case KIND.end:
      return { type: 'end', end: json(payload) as EndRecord }
    case KIND.recovered:
      return { type: 'recovered', recovered: json(payload) }
    case KIND.ack:
    case KIND.order:
    case KIND.position:
    case KIND.link:
    case KIND.operator:
    case KIND.config:
    case KIND.start:
    case KIND.instrument:
      return { type: 'event', event: json(payload) as EngineEvent }
    default:
      return null
  }
}

function json(payload: Buffer): unknown {
  return JSON.parse(payload.toString('utf8'))
}

type Texted<T, K extends keyof T> = Omit<T, K> & Record<K, string>
type TextedMoney = Texted<FillEvent, 'feeE8'> | Texted<FundingEvent, 'amountE8'>

// Money is a bigint: as text in JSON.
function withMoney(event: TextedMoney): FillEvent | FundingEvent {
  return event.kind === 'fill'
    ? { ...event, feeE8: BigInt(event.feeE8) }
    : { ...event, amountE8: BigInt(event.amountE8) }
}

function decodeBook(payload: Buffer): BookEvent {
  const [bids, asks] = [payload.readUInt32LE(40), payload.readUInt32LE(44)]
  const event = new BookEvent(Math.max(bids, asks, 1))
  event.exchangeUs = payload.readDoubleLE(0) as TimeUs
  event.receivedUs = payload.readDoubleLE(8) as TimeUs
  event.updateId = payload.readDoubleLE(16)
  event.crossSeq = payload.readDoubleLE(24)
  event.symbol = payload.readUInt32LE(32) as SymbolId
  const flags = payload.readUInt32LE(36)
  event.isSnapshot = (flags & 1) !== 0
  const isWide = (flags & 2) !== 0
  const at = (index: number): number =>
    isWide ? payload.readDoubleLE(48 + index * 8) : payload.readUInt32LE(48 + index * 4)
  for (let i = 0; i < bids; i++) event.addBid(at(2 * i), at(2 * i + 1))
  for (let i = bids; i < bids + asks; i++) event.addAsk(at(2 * i), at(2 * i + 1))
  return event
}

function decodeTrade(payload: Buffer): TradeEvent {
  const event = new TradeEvent()
  event.priceTicks = payload.readDoubleLE(0) as PriceTicks
  event.sizeLots = payload.readDoubleLE(8) as SizeLots
  event.exchangeUs = payload.readDoubleLE(16) as TimeUs
  event.receivedUs = payload.readDoubleLE(24) as TimeUs
  event.symbol = payload.readUInt32LE(32) as SymbolId
  event.takerSide = payload.readUInt32LE(36) === 1 ? 1 : -1
  return event
}

function decodeRequest(payload: Buffer): { request: Request; nowUs: number } {
  const request = new Request()
  request.order = payload.readDoubleLE(0) as OrderSeq
  request.priceTicks = payload.readDoubleLE(8) as PriceTicks
  request.sizeLots = payload.readDoubleLE(16) as SizeLots
  request.symbol = payload.readUInt32LE(32) as SymbolId
  request.side = payload.readUInt32LE(36) === 1 ? 1 : -1
  request.kind = REQUEST_KINDS[payload.readUInt32LE(40)] ?? 'place'
  request.timeInForce = TIME_IN_FORCE[payload.readUInt32LE(44)] ?? 'PostOnly'
  request.isReduceOnly = payload.readUInt32LE(48) === 1
  return { request, nowUs: payload.readDoubleLE(24) }
}
