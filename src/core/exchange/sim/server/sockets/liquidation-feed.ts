/**
 * `allLiquidation.{symbol}`: what the exchange took over of positions, gathered for half a second. The ledger's own
 * takeovers only: the crowd holds no positions.
 */
import type { Category, Instrument } from '../../../../domain/instrument.ts'
import type { SimExecution } from '../../model.ts'
import type { Agenda } from '../agenda.ts'
import type { Json } from '../outcome.ts'
import { priceText, sizeText } from '../rows/money-text.ts'
import { type Hub, publicKey } from './hub.ts'

const EVERY_US = 500_000

export class LiquidationFeed {
  private readonly agenda: Agenda
  private readonly hub: Hub
  /** Hub key → what its next frame tells. */
  private readonly pending = new Map<string, Json[]>()

  constructor(agenda: Agenda, hub: Hub) {
    this.agenda = agenda
    this.hub = hub
  }

  static isServed(category: Category): boolean {
    return category === 'linear' || category === 'inverse'
  }

  execution({ execType, side, priceTicks, sizeLots, exchangeUs }: SimExecution, instrument: Instrument): void {
    const { category, symbol } = instrument
    if (execType !== 'BustTrade' || !LiquidationFeed.isServed(category)) return
    const topic = `allLiquidation.${symbol}`
    const key = publicKey(category, topic)
    if (!this.hub.has(key)) return
    const row = {
      T: Math.floor(exchangeUs / 1_000),
      s: symbol,
      // Of the position that is gone: what took it over traded on the other side.
      S: side > 0 ? 'Sell' : 'Buy',
      v: sizeText(sizeLots, instrument),
      p: priceText(priceTicks, instrument),
    }
    const waiting = this.pending.get(key)
    if (waiting !== undefined) return void waiting.push(row)
    this.pending.set(key, [row])
    this.agenda.after(EVERY_US, () => this.tell(key, topic))
  }

  private tell(key: string, topic: string): void {
    const data = this.pending.get(key) ?? []
    this.pending.delete(key)
    this.hub.publish(key, topic, JSON.stringify({ topic, type: 'snapshot', ts: this.agenda.nowMs(), data }))
  }
}
