/** An exchange to test with: listed instruments without a crowd, a sink that copies everything it is told, short commands. */
import { instrumentOf, type InstrumentText } from '../../../src/core/domain/instrument.ts'
import { type PriceTicks, type SizeLots, timeUs } from '../../../src/core/domain/units.ts'
import type { SimAccountOptions } from '../../../src/core/exchange/sim/account.ts'
import { BookMarket } from '../../../src/core/exchange/sim/book-market.ts'
import { constantLatency } from '../../../src/core/exchange/sim/latency.ts'
import type {
  CommandResult,
  PlaceCommand,
  SimExecution,
  SimInstrument,
  SimOrder,
  SimPosition,
  SimSink,
  SimTrade,
  SimWallet,
} from '../../../src/core/exchange/sim/model.ts'
import { SimExchange, type SimExchangeOptions } from '../../../src/core/exchange/sim/sim-exchange.ts'
import { PLAIN_ORDER } from './plain-order.ts'

export const E8 = 100_000_000n
export const START_US = 1_700_000_000_000_000

const BTC: InstrumentText = {
  symbol: 'BTCUSDT',
  category: 'linear',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  status: 'Trading',
  tickSize: '0.1',
  lotSize: '0.001',
  priceMin: '0.1',
  priceMax: '200000',
  sizeMin: '0.001',
  sizeMax: '100',
  marketSizeMax: '50',
  notionalMin: '5',
  makerFee: '0.0002',
  takerFee: '0.00055',
}

export const LINEAR = listing(BTC)
export const SPOT = listing({
  ...BTC,
  category: 'spot',
  settleCoin: '',
  tickSize: '0.01',
  lotSize: '0.000001',
  priceMin: '0.01',
  sizeMin: '0.000001',
  makerFee: '0.001',
  takerFee: '0.001',
})
export const INVERSE = listing({
  ...BTC,
  symbol: 'BTCUSD',
  category: 'inverse',
  quoteCoin: 'USD',
  settleCoin: 'BTC',
  tickSize: '0.5',
  lotSize: '1',
  priceMin: '0.5',
  sizeMin: '1',
  sizeMax: '1000000',
  marketSizeMax: '1000000',
  notionalMin: '0',
})

export function listing(text: InstrumentText): SimInstrument {
  const instrument = instrumentOf(text)
  if ('badField' in instrument) throw new Error(instrument.badField)
  return {
    instrument,
    status: 'Trading',
    contractType: 'LinearPerpetual',
    leverageMax: '100',
    fundingIntervalMin: 480,
    deliveryTimeMs: 0,
    launchTimeMs: 0,
    priceLimitRatioX: '0.05',
    priceLimitRatioY: '0.1',
  }
}

/** Everything the exchange told, each record as it was then. */
export class Recorder implements SimSink {
  readonly orders: SimOrder[] = []
  readonly executions: SimExecution[] = []
  readonly positions: SimPosition[] = []
  readonly wallets: { uid: string; balances: Record<string, bigint> }[] = []
  readonly trades: SimTrade[] = []
  /** Kinds in the order in which they came. */
  readonly log: string[] = []

  order(order: SimOrder): void {
    this.orders.push({ ...order })
    this.log.push(`order ${order.status}`)
  }
  execution(execution: SimExecution): void {
    this.executions.push(execution)
    this.log.push('execution')
  }
  position(position: SimPosition): void {
    this.positions.push({ ...position, entryTicks: position.entryTicks })
    this.log.push('position')
  }
  wallet(wallet: SimWallet): void {
    this.wallets.push({ uid: wallet.uid, balances: Object.fromEntries(wallet.balances) })
    this.log.push('wallet')
  }
  trade(trade: SimTrade): void {
    this.trades.push(trade)
  }
  book(): void {}

  last(orderLinkId: string): SimOrder {
    const found = this.orders.findLast((order) => order.orderLinkId === orderLinkId)
    if (found === undefined) throw new Error(`no order ${orderLinkId}`)
    return found
  }
}

export interface RigOptions {
  readonly accounts?: readonly SimAccountOptions[]
  readonly listings?: readonly SimInstrument[]
  readonly matchUs?: number
  readonly exchange?: Partial<SimExchangeOptions>
}

export const RICH = { USDT: 10n ** 9n * E8, BTC: 10n ** 6n * E8 }

/** One exchange whose clock ticks 1 ms per command. */
export class Rig {
  readonly told = new Recorder()
  readonly exchange: SimExchange
  nowUs = START_US
  private links = 0

  constructor(options: RigOptions = {}) {
    const listings = options.listings ?? [LINEAR]
    this.exchange = new SimExchange({
      seed: 1,
      startUs: timeUs(START_US),
      markets: listings.map((rules) => ({
        listing: rules,
        market: new BookMarket(rules.instrument.category, rules.instrument.symbol),
      })),
      accounts: options.accounts ?? ['a', 'b', 'c'].map((uid) => ({ uid, balances: RICH })),
      sink: this.told,
      matchLatency: constantLatency(options.matchUs ?? 0),
      ...options.exchange,
    })
  }

  /** `side price×lots` such as place('a', 1, 1000, 5); settled at once. Returns the link id of the order. */
  place(uid: string, side: 1 | -1, ticks: number, lots: number, more: Partial<PlaceCommand> = {}): string {
    const result = this.ask(uid, side, ticks, lots, more)
    if (result.retCode !== 0) throw new Error(`${result.retCode} ${result.retMsg}`)
    return result.orderLinkId
  }

  /** The gateway's answer; whatever follows has happened when it returns. */
  ask(uid: string, side: 1 | -1, ticks: number, lots: number, more: Partial<PlaceCommand> = {}): CommandResult {
    const result = this.exchange.place(uid, this.command(side, ticks, lots, more), timeUs(this.tick()))
    this.settle()
    return result
  }

  command(side: 1 | -1, ticks: number, lots: number, more: Partial<PlaceCommand> = {}): PlaceCommand {
    const [priceTicks, sizeLots] = [ticks as PriceTicks, lots as SizeLots]
    return { ...PLAIN_ORDER, side, priceTicks, sizeLots, orderLinkId: `l${++this.links}`, ...more }
  }

  amend(uid: string, orderLinkId: string, ticks: number | null, lots: number | null): CommandResult {
    const to = { priceTicks: ticks as PriceTicks | null, sizeLots: lots as SizeLots | null, triggerTicks: null }
    const result = this.exchange.amend(uid, { ...this.idOf(uid, orderLinkId), ...to }, timeUs(this.tick()))
    this.settle()
    return result
  }

  cancel(uid: string, orderLinkId: string, more: { orderFilter?: 'StopOrder' | 'tpslOrder' } = {}): CommandResult {
    const command = { ...this.idOf(uid, orderLinkId), orderFilter: more.orderFilter ?? null }
    const result = this.exchange.cancel(uid, command, timeUs(this.tick()))
    this.settle()
    return result
  }

  settle(): void {
    this.exchange.advance(timeUs(this.nowUs))
  }

  tick(): number {
    this.nowUs += 1_000
    return this.nowUs
  }

  private idOf(uid: string, orderLinkId: string) {
    const order = this.exchange.findOrder(uid, '', orderLinkId)
    return {
      category: order?.category ?? 'linear',
      symbol: order?.symbol ?? 'BTCUSDT',
      orderId: '',
      orderLinkId,
    } as const
  }
}
