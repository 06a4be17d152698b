/** `/v5/public/{linear,inverse,spot,option}`: subscribe, unsubscribe, ping. Books send a snapshot with the first frame. */
import type { Category } from '../../../../domain/instrument.ts'
import type { Json } from '../outcome.ts'
import { INTERVALS } from '../tape.ts'
import { quoted, type Venue } from '../venue.ts'
import { DEPTHS } from './book-feeds.ts'
import type { BookDetail } from './depth-feed.ts'
import { idText, parseFrame, topicsOf } from './frame.ts'
import { type Hub, publicKey } from './hub.ts'
import { LiquidationFeed } from './liquidation-feed.ts'
import type { MarketFeeds } from './market-feeds.ts'
import type { Session, SimConnection } from './session.ts'
import { Subscriptions } from './subscriptions.ts'

const ARGS_TEXT_MAX = 21_000
const OPTION_ARGS_MAX = 2_000

export interface PublicRoom {
  readonly venue: Venue
  readonly hub: Hub
  readonly feeds: MarketFeeds
  readonly category: Category
  nowMs(): number
}

export class PublicSession implements SimConnection {
  private readonly session: Session
  private readonly room: PublicRoom
  private readonly subscriptions: Subscriptions

  constructor(session: Session, room: PublicRoom) {
    this.session = session
    this.room = room
    this.subscriptions = new Subscriptions(session, room.hub)
  }

  message(text: string): void {
    this.session.heard()
    const frame = parseFrame(text)
    if (frame === null) return this.failed('', 'error:invalid json', '')
    const reqId = idText(frame['req_id'])
    const op = frame['op']
    if (op === 'ping') return this.pong(reqId)
    if (op !== 'subscribe' && op !== 'unsubscribe') return this.failed(reqId, 'error:unknown op', idText(op))
    const topics = topicsOf(frame['args'])
    if (topics === null) return this.failed(reqId, 'error:args must be a list of topics', op)
    if (op === 'subscribe') this.subscribe(topics, reqId)
    else this.unsubscribe(topics, reqId)
  }

  alive(): void {
    this.session.heard()
  }

  closed(): void {
    this.session.end()
  }

  private subscribe(topics: readonly string[], reqId: string): void {
    const fault = this.limitFault(topics) || this.subscriptions.fault(topics, (topic) => this.isKnown(topic))
    if (fault !== '') return this.failed(reqId, fault, 'subscribe', topics)
    for (const topic of topics) this.subscriptions.add(topic, publicKey(this.room.category, topic))
    this.acked('subscribe', reqId, topics)
    for (const topic of topics) this.start(topic)
  }

  private unsubscribe(topics: readonly string[], reqId: string): void {
    for (const topic of topics) this.subscriptions.remove(topic)
    this.acked('unsubscribe', reqId, topics)
  }

  private limitFault(topics: readonly string[]): string {
    const { category } = this.room
    if (category === 'spot' && topics.length > 10) return 'error:args size >10'
    if (category === 'option' && this.subscriptions.size + topics.length > OPTION_ARGS_MAX)
      return 'error:args size >2000'
    const length = [...this.subscriptions.all(), ...topics].reduce((sum, topic) => sum + topic.length, 0)
    return length > ARGS_TEXT_MAX ? 'error:args length >21000' : ''
  }

  // What a fresh subscriber gets at once.
  private start(topic: string): void {
    const parsed = this.parse(topic)
    if (parsed === null) return
    const found = quoted(this.room.venue, this.room.category, parsed.symbol)
    if (found === null) return
    const { books } = this.room.venue
    if (parsed.kind === 'orderbook') {
      if (parsed.detail === 'full') books.openFull(found.market, found.listing)
      else books.open(this.session, found.market, found.listing, bookDetail(parsed.detail))
    } else this.room.feeds.open(this.session, { kind: parsed.kind, detail: parsed.detail, topic }, found)
  }

  private isKnown(topic: string): boolean {
    return !this.room.venue.quirks.isRetired(topic) && this.parse(topic) !== null
  }

  /** The topic's parts when this path serves it, else null. */
  private parse(topic: string): { kind: string; detail: string; symbol: string } | null {
    const { category, venue } = this.room
    const [kind = '', ...rest] = topic.split('.')
    const symbol = rest.at(-1) ?? ''
    const detail = rest.length === 2 ? (rest[0] ?? '') : ''
    const hasDetail = kind === 'orderbook' || kind === 'kline'
    if (rest.length !== (hasDetail ? 2 : 1) || !isServed(category, kind, detail)) return null
    // Trades of options are subscribed by base coin.
    if (category === 'option' && kind === 'publicTrade') return { kind, detail, symbol }
    return venue.exchange.listing(category, symbol) === undefined ? null : { kind, detail, symbol }
  }

  private pong(reqId: string): void {
    const { session } = this
    if (this.room.category === 'option') return this.answer({ args: [String(this.room.nowMs())], op: 'pong' })
    this.answer({ success: true, ret_msg: 'pong', conn_id: session.id, req_id: reqId, op: 'ping' })
  }

  private acked(op: string, reqId: string, topics: readonly string[]): void {
    if (this.room.category === 'option') {
      const data = { failTopics: [], successTopics: topics }
      return this.answer({ success: true, conn_id: this.session.id, data, type: 'COMMAND_RESP' })
    }
    const retMsg = this.room.category === 'spot' ? op : ''
    this.answer({ success: true, ret_msg: retMsg, conn_id: this.session.id, req_id: reqId, op })
  }

  private failed(reqId: string, why: string, op: string, topics: readonly string[] = []): void {
    if (this.room.category === 'option' && op === 'subscribe') {
      const data = { failTopics: topics, successTopics: [] }
      return this.answer({ success: false, conn_id: this.session.id, data, type: 'COMMAND_RESP' })
    }
    this.answer({ success: false, ret_msg: why, conn_id: this.session.id, req_id: reqId, op })
  }

  private answer(frame: Json): void {
    this.session.push('', JSON.stringify(frame))
  }
}

const bookDetail = (text: string): BookDetail => (text === 'rpi' ? 'rpi' : Number(text))

function isServed(category: Category, kind: string, detail: string): boolean {
  if (kind === 'orderbook') {
    if (detail === 'rpi') return category !== 'option'
    if (detail === 'full') return category === 'spot'
    const depths: readonly number[] = category === 'option' ? DEPTHS.option : DEPTHS.contract
    return depths.some((depth) => String(depth) === detail)
  }
  if (kind === 'kline') return category !== 'option' && INTERVALS.has(detail)
  if (kind === 'publicTrade' || kind === 'tickers') return true
  if (kind === 'allLiquidation') return LiquidationFeed.isServed(category)
  return kind === 'priceLimit' && category !== 'option'
}
