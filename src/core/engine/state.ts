/**
 * All that one run of the engine holds. Event handlers change it in place; only `signalPhase` moves the phase, by the
 * table, and only here is it remembered why.
 */
import { invariant } from '../domain/invariant.ts'
import type { OrderSeq, SymbolId, TimeUs } from '../domain/units.ts'
import { type GuardSet, guardSet } from './guard-set.ts'
import type { EngineConfig } from './engine-config.ts'
import { FillMemory } from './fill-memory.ts'
import type { GuardPack } from './guard.ts'
import { nextPhase, type Phase, type PhaseSignal } from './phase.ts'
import type { StrategyPack } from './strategy.ts'
import type { SymbolState } from './symbol-state.ts'
import { type Counters, type LinkState, zeroCounters } from './view.ts'
import { AmendFields, type OrderRecord, WorkingOrders } from './working-orders.ts'

export interface Packs {
  readonly strategies: ReadonlyMap<string, StrategyPack>
  readonly guards: readonly GuardPack[]
}

export class EngineState {
  readonly config: EngineConfig
  readonly packs: Packs
  readonly runGuards: GuardSet
  readonly orders = new WorkingOrders()
  readonly amendFields = new AmendFields()
  readonly counters: Counters = zeroCounters()
  readonly fills: FillMemory
  /** Empty before `start`. */
  readonly symbols: SymbolState[] = []

  phase: Phase = 'syncing'
  /** Who paused or halted, '' otherwise. */
  phaseReason = ''
  account: LinkState = 'unknown'
  trade: LinkState = 'unknown'
  seq = 0
  nowUs = 0 as TimeUs
  startedUs = 0 as TimeUs
  /** Profit of the run over all symbols at the last decision, and the best it was, 1e-8 quote coins. */
  pnlE8 = 0
  bestPnlE8 = 0

  constructor(config: EngineConfig, packs: Packs) {
    this.config = config
    this.packs = packs
    this.runGuards = guardSet(packs.guards, 'run', config.runGuards)
    this.fills = new FillMemory(config.timing.fillHorizonUs)
  }

  symbol(id: SymbolId): SymbolState {
    const symbol = this.symbols[id]
    invariant(symbol !== undefined, 'an event of a symbol that the run has, after start')
    return symbol
  }

  find(order: OrderSeq): OrderRecord | null {
    return this.orders.find(order)
  }

  /** Moves the phase if the table has a row for it; true when it moved. A halt's first reason stays. */
  signalPhase(signal: PhaseSignal, reason = ''): boolean {
    const next = nextPhase(this.phase, signal)
    if (next === this.phase) return false
    this.phase = next
    if (reason !== '') this.phaseReason = reason
    else if (next === 'quoting' || next === 'syncing') this.phaseReason = ''
    for (const symbol of this.symbols) symbol.isDirty = true
    return true
  }

  /** Time only moves forward: a late stamp does not turn it back. */
  tick(us: TimeUs): void {
    if (us > this.nowUs) this.nowUs = us
  }

  get liveOrders(): number {
    let live = 0
    for (const symbol of this.symbols) live += symbol.liveOrders
    return live
  }
}
