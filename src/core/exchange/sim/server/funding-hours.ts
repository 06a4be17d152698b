/**
 * Funding at its hours: at the end of every interval each position of a perpetual pays or is paid, as its ticker and
 * `market/funding/history` announce. Contracts with a delivery date and spot have none.
 */
import type { SimInstrument } from '../model.ts'
import type { SimExchange } from '../sim-exchange.ts'
import type { Agenda } from './agenda.ts'
import { nextFundingMs } from './rows/ticker-row.ts'

export function planFunding(exchange: SimExchange, agenda: Agenda, settle: () => void): void {
  const plan = (listing: SimInstrument): void => {
    agenda.at(nextFundingMs(listing, agenda.nowMs()) * 1_000, () => {
      exchange.intervene(listing.instrument.symbol, 'Funding', agenda.nowUs())
      settle()
      plan(listing)
    })
  }
  exchange.instruments.filter(isPerpetual).forEach(plan)
}

const isPerpetual = ({ instrument, fundingIntervalMin, deliveryTimeMs }: SimInstrument): boolean =>
  (instrument.category === 'linear' || instrument.category === 'inverse') &&
  fundingIntervalMin > 0 &&
  deliveryTimeMs === 0
