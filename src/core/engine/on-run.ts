/** Events about the run as a whole: its start, what operators ask, and changes of an instrument's rules. */
import type { InstrumentEvent, OperatorEvent, RunPast, StartEvent } from '../domain/event.ts'
import type { Grid } from '../domain/fixed.ts'
import { invariant, unreachable } from '../domain/invariant.ts'
import { symbolId } from '../domain/units.ts'
import { guardSet } from './guard-set.ts'
import type { EngineState } from './state.ts'
import { fillStatic, SymbolState } from './symbol-state.ts'

export function onStart(state: EngineState, event: StartEvent): void {
  const { config, packs } = state
  invariant(state.symbols.length === 0, 'a run starts once')
  invariant(event.instruments.length === config.symbols.length, 'one instrument a configured symbol')
  state.tick(event.nowUs)
  state.startedUs = event.nowUs
  event.instruments.forEach((instrument, index) => {
    const symbol = config.symbols[index]
    invariant(symbol !== undefined && symbol.symbol === instrument.symbol, 'instruments in the order of the symbols')
    const strategy = packs.strategies.get(symbol.strategy)
    invariant(strategy !== undefined, `no strategy ${symbol.strategy}`)
    const parts = {
      instrument,
      strategy: strategy.create(symbol.strategyParams),
      guards: guardSet(packs.guards, 'symbol', symbol.guards),
    }
    state.symbols.push(new SymbolState(symbolId(index), symbol, parts))
  })
  if (event.past !== undefined) recall(state, event.past)
}

function recall(state: EngineState, { drawdownE8, executionsUs }: RunPast): void {
  state.bestPnlE8 = drawdownE8
  for (const { guard } of state.runGuards.slots) guard.recall?.({ drawdownE8, executionsUs: [] })
  for (const { id, guards } of state.symbols) {
    const past = { drawdownE8, executionsUs: executionsUs[id] ?? [] }
    for (const { guard } of guards.slots) guard.recall?.(past)
  }
}

export function onOperator(state: EngineState, event: OperatorEvent): void {
  state.tick(event.nowUs)
  switch (event.command) {
    case 'pause':
    case 'halt':
      state.signalPhase(event.command, event.reason === '' ? 'an operator asked for it' : event.reason)
      return
    case 'resume':
      for (const symbol of state.symbols) symbol.suspendedReason = ''
      state.signalPhase('resume')
      return
    default:
      unreachable(event.command)
  }
}

export function onInstrument(state: EngineState, event: InstrumentEvent): void {
  const symbol = state.symbol(event.symbol)
  const { instrument } = event
  state.tick(event.nowUs)
  symbol.touch()
  // Prices and sizes in hand are numbers of steps: with another step they mean something else.
  if (!isSameGrid(instrument.price, symbol.instrument.price) || !isSameGrid(instrument.size, symbol.instrument.size)) {
    state.signalPhase('halt', `the tick or lot size of ${instrument.symbol} changed`)
    return
  }
  symbol.instrument = instrument
  if (instrument.status === 'Trading') symbol.suspendedReason = ''
  fillStatic(symbol.quoteView, symbol.id, symbol.config, instrument)
}

const isSameGrid = (a: Grid, b: Grid): boolean => a.decimals === b.decimals && a.stepUnits === b.stepUnits
