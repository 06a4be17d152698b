/**
 * A configuration that changed while running. What the runtime lets through here was validated before, changes no number
 * of slots and raises no limit; strategies and guards whose parameters are the same keep what they remember.
 */
import type { ConfigEvent } from '../domain/event.ts'
import { invariant } from '../domain/invariant.ts'
import type { EngineConfig, SymbolConfig } from './engine-config.ts'
import type { PackParams } from './pack.ts'
import type { EngineState, Packs } from './state.ts'
import { fillStatic, type SymbolState } from './symbol-state.ts'

export function onConfig(state: EngineState, event: ConfigEvent): void {
  state.tick(event.nowUs)
  const config = event.config as EngineConfig
  invariant(config.symbols.length === state.symbols.length, 'a changed configuration has the symbols of the run')
  for (const symbol of state.symbols) {
    const next = config.symbols[symbol.id]
    invariant(next !== undefined && next.symbol === symbol.config.symbol, 'symbols keep their order')
    reconfigure(symbol, next, state.packs)
  }
}

function reconfigure(symbol: SymbolState, next: SymbolConfig, packs: Packs): void {
  const before = symbol.config
  invariant(next.quoting.levelsMax === before.quoting.levelsMax, 'the number of slots never changes')
  invariant(next.strategy === before.strategy, 'the strategy never changes')
  if (!isSame(before.strategyParams, next.strategyParams)) {
    const strategy = packs.strategies.get(next.strategy)
    invariant(strategy !== undefined, `no strategy ${next.strategy}`)
    symbol.strategy = strategy.create(next.strategyParams)
  }
  for (const slot of symbol.guards.slots) {
    const params = next.guards[slot.id]
    const pack = packs.guards.find(({ id }) => id === slot.id)
    if (pack !== undefined && !isSame(before.guards[slot.id], params)) slot.guard = pack.create(params ?? {})
  }
  symbol.config = next
  symbol.touch()
  fillStatic(symbol.quoteView, symbol.id, next, symbol.instrument)
}

function isSame(a: PackParams = {}, b: PackParams = {}): boolean {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.every((name) => a[name] === b[name])
}
