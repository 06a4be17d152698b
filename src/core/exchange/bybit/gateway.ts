/** What the parts of the adapter share: the wire, the clock, the symbols, the counters, and the way out for events. */
import type { Prng } from '../../domain/prng.ts'
import type { MmError } from '../../errors.ts'
import type { Sink } from '../port.ts'
import type { Wire } from '../wire.ts'
import type { BanWindow } from './ban-window.ts'
import type { Codec } from './codec.ts'
import type { GatewayCounters } from './counters.ts'
import type { ExchangeClock } from './exchange-clock.ts'
import type { Settings } from './options.ts'
import type { OrderLinks } from './order-links.ts'
import type { Signer } from './signing.ts'
import type { SymbolTable } from './symbol-table.ts'

export interface Gateway {
  readonly settings: Settings
  readonly wire: Wire
  readonly clock: ExchangeClock
  readonly ban: BanWindow
  readonly signer: Signer
  readonly counters: GatewayCounters
  /** How frames are spelled. */
  readonly codec: Codec
  readonly links: OrderLinks
  /** Source of jitter; split it by label. */
  readonly prng: Prng
  /** The symbols of the run; empty until `instruments` was asked. */
  symbols: SymbolTable
  emit: Sink
  /** The run cannot go on; only the first call counts. */
  readonly fatal: (error: MmError) => void
}

export type LinkName = 'market' | 'account' | 'trade'

export function emitLink(gateway: Gateway, link: LinkName, state: 'down' | 'up'): void {
  gateway.emit({ kind: 'link', link, symbol: null, state, nowUs: gateway.wire.nowUs() })
}
