/**
 * The engine: events in, requests out. Deterministic: the same events give the same requests, byte for byte. It changes
 * its state in place, reads no clock, and asks for anything only on `decide`.
 */
import type { EngineEvent } from '../domain/event.ts'
import { invariant, unreachable } from '../domain/invariant.ts'
import type { RequestBuffer } from '../domain/request.ts'
import type { OrderSeq } from '../domain/units.ts'
import { onDecide } from './decide.ts'
import type { EngineConfig } from './engine-config.ts'
import { onConfig } from './on-config.ts'
import { onFill, onFunding } from './on-fill.ts'
import { onBook, onTrade } from './on-market.ts'
import { onAck, onOrder } from './on-order.ts'
import { onInstrument, onOperator, onStart } from './on-run.ts'
import type { Phase } from './phase.ts'
import type { Profit } from './profit.ts'
import { onLink, onPosition } from './reconcile.ts'
import { snapshot } from './snapshot.ts'
import { EngineState, type Packs } from './state.ts'
import type { BotView, Counters } from './view.ts'

export type { Packs } from './state.ts'

export class Engine {
  private readonly state: EngineState

  /** Throws on a configuration that names a strategy which is not in `packs`, at `start`. */
  constructor(config: EngineConfig, packs: Packs) {
    this.state = new EngineState(config, packs)
  }

  get phase(): Phase {
    return this.state.phase
  }

  /** Why it is in that phase, '' while quoting. */
  get phaseReason(): string {
    return this.state.phaseReason
  }

  /** Read in place: what a metrics scrape or a run summary adds up. */
  get counters(): Readonly<Counters> {
    return this.state.counters
  }

  /** Exact money of each symbol, in SymbolId order. Reading may settle sums; it changes no decision. */
  get accounts(): readonly Profit[] {
    return this.state.symbols.map((symbol) => symbol.profit)
  }

  /** How far the run stood below its best at the last decision, 1e-8 quote coins: of the day, where it was told of one. */
  get drawdownE8(): number {
    return this.state.bestPnlE8 - this.state.pnlE8
  }

  /** Orders that live at the exchange or may do so. */
  get liveOrders(): number {
    return this.state.liveOrders
  }

  /** Their numbers. Allocates: for the end of a run. */
  get liveOrderSeqs(): readonly OrderSeq[] {
    const held = this.state.symbols.flatMap(({ bids, asks, strays }) => [...bids.slots, ...asks.slots, ...strays])
    return held.flatMap((order) => (order?.isLive === true ? [order.order] : []))
  }

  /** Takes one event in; requests are appended to `out`, which the caller clears. `start` comes first, once. */
  step(event: EngineEvent, out: RequestBuffer): void {
    const { state } = this
    state.seq++
    switch (event.kind) {
      case 'book':
        return onBook(state, event)
      case 'trade':
        return onTrade(state, event)
      case 'decide':
        return onDecide(state, event, out)
      case 'ack':
        return onAck(state, event)
      case 'order':
        return onOrder(state, event)
      case 'fill':
        return onFill(state, event)
      case 'position':
        return onPosition(state, event)
      case 'link':
        return onLink(state, event)
      case 'funding':
        return onFunding(state, event)
      case 'operator':
        return onOperator(state, event)
      case 'config':
        return onConfig(state, event)
      case 'instrument':
        return onInstrument(state, event)
      case 'start':
        invariant(state.seq === 1, 'start is the first event')
        return onStart(state, event)
      default:
        return unreachable(event)
    }
  }

  /** A JSON-able picture of everything. Allocates: for people and metrics, a few times a second. */
  view(): BotView {
    return snapshot(this.state)
  }
}
