/**
 * Looks at the trading rules of the run's symbols every minute: ticks, lots, limits, status, an end of trading. A change
 * is told as an event and decided upon elsewhere; a look that fails concludes nothing.
 */
import type { Instrument } from '../../domain/instrument.ts'
import type { TimerId } from '../wire.ts'
import type { Gateway } from './gateway.ts'
import { restatedInstrument } from './instruments.ts'
import type { BybitRest } from './rest.ts'
import { RestFailure } from './rest-transport.ts'
import type { SymbolEntry } from './symbol-table.ts'

const ROUND_US = 60_000_000

export class RuleWatch {
  private readonly gateway: Gateway
  private readonly rest: BybitRest
  /** As last told, by symbol; before that, as the run began. */
  private readonly told = new Map<string, Instrument>()
  private timer: TimerId | null = null
  private isStopped = false

  constructor(gateway: Gateway, rest: BybitRest) {
    this.gateway = gateway
    this.rest = rest
  }

  start(): void {
    this.timer = this.gateway.wire.after(ROUND_US, () => void this.round())
  }

  stop(): void {
    this.isStopped = true
    if (this.timer !== null) this.gateway.wire.cancelTimer(this.timer)
  }

  private async round(): Promise<void> {
    for (const symbol of this.gateway.symbols.entries) {
      try {
        await this.look(symbol)
      } catch (error) {
        if (!(error instanceof RestFailure)) throw error
      }
      if (this.isStopped) return
    }
    this.start()
  }

  private async look(symbol: SymbolEntry): Promise<void> {
    const info = await this.rest.instrument(symbol.name)
    const known = this.told.get(symbol.name) ?? symbol.instrument
    const now = restatedInstrument(known, info)
    if (this.isStopped || isSame(known, now)) return
    this.told.set(symbol.name, now)
    this.gateway.counters.ruleChanges++
    this.gateway.emit({ kind: 'instrument', symbol: symbol.id, instrument: now, nowUs: this.gateway.wire.nowUs() })
  }
}

const isSame = (a: Instrument, b: Instrument): boolean => textOf(a) === textOf(b)

// Rates are bigints in some fields; texts compare all alike.
const textOf = (instrument: Instrument): string =>
  JSON.stringify(instrument, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
