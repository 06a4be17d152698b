/** From an engine that has ended to the summary of its run: the same for trade, paper, and backtest. */
import { invariant } from '../domain/invariant.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Engine } from '../engine/engine.ts'
import { type RunFacts, type RunSummary, runSummary, type SymbolFacts } from '../report/run-summary.ts'
import type { RunTally } from '../report/run-tally.ts'

export interface RunEnd extends Omit<RunFacts, 'symbols' | 'counters'> {
  readonly engine: Engine
  readonly instruments: readonly Instrument[]
  readonly tally: RunTally
  /** Counters of the runtime that do not depend on wall time; the engine's are added. */
  readonly counters: Readonly<Record<string, number>>
}

export function summarize({ engine, instruments, tally, counters, ...facts }: RunEnd): RunSummary {
  const symbols = engine.accounts.map((profit, index): SymbolFacts => {
    const [instrument, symbolTally] = [instruments[index], tally.symbols[index]]
    invariant(instrument !== undefined && symbolTally !== undefined, 'one instrument and tally a symbol')
    const { attribution, scale, markouts, positionLots } = profit
    return {
      instrument,
      scale,
      parts: attribution.parts(scale),
      identity: attribution.identity(scale),
      positionLots,
      markouts: markouts.rows(facts.endedUs),
      tally: symbolTally,
    }
  })
  return runSummary({ ...facts, counters: { ...engine.counters, ...counters }, symbols })
}
