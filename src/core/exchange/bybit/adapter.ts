/**
 * Bybit V5 behind the `Exchange` port: joins streams, order entry and account reads over one `Wire`, and tells
 * everything through the sink. It never decides anything and never knows whether the other end is simulated.
 */
import type { RequestBuffer } from '../../domain/request.ts'
import type { TimeUs } from '../../domain/units.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { AccountPosition, Exchange, OpenOrder, PastExecution, Sink } from '../port.ts'
import type { GatewayCounters } from './counters.ts'
import type { BybitOptions } from './options.ts'

/** The adapter. Asynchronous because it loads `bybit-api`: await it before a virtual clock starts. */
export declare function bybitExchange(options: BybitOptions): Promise<BybitExchange>

export interface BybitExchange extends Exchange {
  readonly counters: GatewayCounters
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]>
  open(sink: Sink): Promise<void>
  send(requests: RequestBuffer, nowUs: TimeUs): void
  openOrders(): Promise<readonly OpenOrder[]>
  cancelByIds(orders: readonly OpenOrder[]): Promise<void>
  positions(): Promise<readonly AccountPosition[]>
  executionsSince(fromMs: number): Promise<readonly PastExecution[]>
  close(): Promise<void>
}
