/** What a joiner (paper, live) hands to a session: a way to trade, a clock, prices to size by. Types only. */
import type { Category, Instrument } from '../domain/instrument.ts'
import type { OrderSeq } from '../domain/units.ts'
import type { MmError } from '../errors.ts'
import type { Exchange } from '../exchange/port.ts'
import type { Wire } from '../exchange/wire.ts'
import type { Clock } from './clock.ts'

export type VenueName = 'paper' | 'demo' | 'testnet' | 'live'

export interface Venue {
  readonly name: VenueName
  /** Base URL of an exchange that was given by address, '' otherwise. */
  readonly exchangeUrl: string
  readonly clock: Clock
  /** One process under virtual time: nothing may wait for the machine. */
  readonly isVirtual: boolean
  /** The exchange was there before this run and stays after it: what earlier runs left there must be settled. */
  readonly isLasting: boolean
  /** Names of the models behind a simulated market; empty on a real one. */
  readonly models: Readonly<Record<string, string>>
  /** How long the market lasts, µs; null when it has no end. */
  readonly lengthUs: number | null
  /** The adapter of this run. Called once. */
  connect(link: LinkOptions): Promise<JoinedExchange>
  /** Price of each instrument, in its ticks, at which values in quote coins become sizes. */
  referenceTicks(instruments: readonly Instrument[]): Promise<readonly number[]>
  /** Runs the session: under virtual time this is what makes time pass. */
  drive<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface LinkOptions {
  readonly prefix: string
  readonly epoch: string
  readonly createWindowMs: number
  readonly onFatal: (error: MmError) => void
  /** A line for the log and the screen. */
  readonly onNotice?: (text: string) => void
}

export interface JoinedExchange extends Exchange {
  /** Plain counters by name. */
  readonly counters: object
  /** UID of the account behind the key. */
  accountUid(): Promise<string>
  /** Link id under which an order of this run is known to the exchange. */
  linkOf(order: OrderSeq): string
  /** Newest exchange timestamp that a create or amend may have been signed with, ms; 0 when none was. */
  readonly newestRiskMs: number
  /** What the emergency path needs to cancel and verify without this adapter. */
  readonly emergency: EmergencyWay
  /** Arms the exchange's own cancel on disconnect; its window in seconds, null where the account has none. */
  armDisconnectCancel(): Promise<number | null>
}

export interface EmergencyWay {
  readonly net: Pick<Wire, 'nowUs' | 'after' | 'http'>
  readonly signer: { readonly apiKey: string; sign(text: string): string }
  readonly category: Category
}
