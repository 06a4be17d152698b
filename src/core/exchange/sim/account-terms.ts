/**
 * What an account has settled with the exchange beyond its orders: position mode and leverage by symbol, what happens to a
 * price outside the limits, whose margin a position stands on. Refusals as Bybit words them.
 */
import type { Category } from '../../domain/instrument.ts'
import { invariant } from '../../domain/invariant.ts'
import type { Account } from './account.ts'
import { accepted, refuse } from './codes.ts'
import { changeLeverage, changePositionMode } from './holding-rules.ts'
import { type Listing, listingKey } from './listing.ts'
import type { CommandResult } from './model.ts'

export interface TermParts {
  readonly account: (uid: string) => Account
  /** Undefined for a symbol that is not listed. */
  readonly listing: (category: Category, symbol: string) => Listing | undefined
}

export class AccountTerms {
  private readonly parts: TermParts

  constructor(parts: TermParts) {
    this.parts = parts
  }

  positionMode(uid: string, symbol: string): { readonly isHedge: boolean } {
    return this.parts.account(uid).holding(this.listed('linear', symbol))
  }

  setPositionMode(uid: string, symbol: string, isHedge: boolean): CommandResult {
    const listing = this.parts.listing('linear', symbol)
    if (listing === undefined) return refuse('linear', 'modeUnsupported')
    return changePositionMode(this.parts.account(uid).holding(listing), isHedge)
  }

  leverage(uid: string, category: Category, symbol: string): string {
    return this.parts.account(uid).holding(this.listed(category, symbol)).leverage
  }

  setLeverage(uid: string, category: Category, symbol: string, leverage: string): CommandResult {
    const listing = this.parts.listing(category, symbol)
    if (listing === undefined) return refuse(category, 'symbolInvalid', { symbol })
    return changeLeverage(this.parts.account(uid).holding(listing), leverage)
  }

  /** BYBIT.md §3.5: true moves an outside price to the limit (default for contracts), false rejects (default for spot). */
  setPriceLimitAction(uid: string, category: Category, modifyEnable: boolean): CommandResult {
    this.parts.account(uid).movesPrice[category] = modifyEnable
    return accepted('', '')
  }

  priceLimitAction(uid: string, category: Category): boolean {
    return this.parts.account(uid).movesPrice[category]
  }

  /** Only while there is neither a position nor an order; false: there is. */
  setIsolated(uid: string, isIsolated: boolean): boolean {
    const account = this.parts.account(uid)
    const { open, inFlight, holdings } = account
    const isBusy = open.size + inFlight.size > 0 || [...holdings.values()].some(({ isFlat }) => !isFlat)
    if (!isBusy) account.isIsolated = isIsolated
    return !isBusy
  }

  isIsolated(uid: string): boolean {
    return this.parts.account(uid).isIsolated
  }

  private listed(category: Category, symbol: string): Listing {
    const listing = this.parts.listing(category, symbol)
    invariant(listing !== undefined, `${listingKey(category, symbol)} is listed`)
    return listing
  }
}
