/** One account's business in one symbol: positions, leverage, mode, and what its open orders could still add. */
import type { Side } from '../../domain/units.ts'
import type { Account } from './account.ts'
import type { Listing } from './listing.ts'
import type { LiveOrder } from './live-order.ts'
import type { CoinE8 } from './model.ts'
import { Position } from './position.ts'

type PositionIdx = 0 | 1 | 2

export class Holding {
  readonly account: Account
  readonly listing: Listing
  isHedge: boolean
  /** Active (and conditional) orders, in flight ones included. */
  activeCount = 0
  conditionalCount = 0
  /** Booked orders that may only reduce, oldest first. */
  readonly reducing = new Set<LiveOrder>()
  private readonly held: (Position | undefined)[] = [undefined, undefined, undefined]
  // Open lots that could add, by position index and side.
  private readonly buyLots = [0, 0, 0]
  private readonly sellLots = [0, 0, 0]
  private leverageText = ''
  private leverageDivisor = 100n

  constructor(account: Account, listing: Listing, mode: { readonly isHedge: boolean; readonly leverage: string }) {
    this.account = account
    this.listing = listing
    this.isHedge = mode.isHedge
    this.leverage = mode.leverage
  }

  get leverage(): string {
    return this.leverageText
  }

  /** Decimal text that `leverageHundredths` understands. */
  set leverage(text: string) {
    this.leverageText = text
    this.leverageDivisor = BigInt(Math.max(100, leverageHundredths(text)))
  }

  get positions(): readonly Position[] {
    return this.held.filter((position) => position !== undefined)
  }

  get isFlat(): boolean {
    return this.held.every((position) => position === undefined || position.lots === 0)
  }

  lotsOf(positionIdx: PositionIdx): number {
    return this.held[positionIdx]?.lots ?? 0
  }

  position(positionIdx: PositionIdx): Position {
    const known = this.held[positionIdx]
    if (known !== undefined) return known
    const { symbol, category } = this.listing.instrument
    const owner = { uid: this.account.uid, symbol, category, leverage: this.leverage }
    const created = new Position(owner, positionIdx, this.listing.valuer)
    this.held[positionIdx] = created
    return created
  }

  /** Lots an order of `side` could close. */
  reducible(side: Side, positionIdx: PositionIdx): number {
    return Math.max(0, -side * this.lotsOf(positionIdx))
  }

  /** Sets what an order could still add to this holding. */
  expose(order: LiveOrder, lots: number): void {
    const sums = order.side === 1 ? this.buyLots : this.sellLots
    sums[order.positionIdx] = (sums[order.positionIdx] ?? 0) + lots - order.exposedLots
    order.exposedLots = lots
  }

  /** Largest position, in lots, if the orders of the worse side fill; `extraLots` more of `side` on top. */
  worstLots(side: Side = 1, extraLots = 0, positionIdx: PositionIdx = 0): number {
    let sum = 0
    for (const idx of [0, 1, 2] as const) {
      const lots = this.lotsOf(idx)
      const extra = idx === positionIdx ? extraLots : 0
      const up = lots + (this.buyLots[idx] ?? 0) + (side === 1 ? extra : 0)
      const down = lots - (this.sellLots[idx] ?? 0) - (side === -1 ? extra : 0)
      if (idx === 1) sum += Math.max(0, up)
      else if (idx === 2) sum += Math.max(0, -down)
      else sum += Math.max(up, -down, Math.abs(lots))
    }
    return sum
  }

  /** Initial margin of so many lots, 1e-8 settle coins. */
  marginE8(lots: number): CoinE8 {
    const { markTicks } = this.listing.reference
    if (lots === 0 || markTicks === 0) return 0n
    return (this.listing.valuer.valueE8(markTicks, lots) * 100n) / this.leverageDivisor
  }

  unrealisedE8(): CoinE8 {
    const { markTicks } = this.listing.reference
    let sum = 0n
    for (const position of this.positions) sum += position.unrealisedE8(markTicks)
    return sum
  }
}

/** "12.5" → 1250; NaN when it is no leverage. */
export function leverageHundredths(text: string): number {
  const match = /^(\d{1,4})(?:\.(\d{1,2}))?$/.exec(text)
  if (match === null) return Number.NaN
  const [, whole = '', fraction = ''] = match
  return integerOf(whole) * 100 + integerOf(fraction.padEnd(2, '0'))
}

function integerOf(digits: string): number {
  let value = 0
  for (let i = 0; i < digits.length; i++) value = value * 10 + (digits.charCodeAt(i) - 48)
  return value
}
