/** What an account may change about how it holds a symbol: position mode and leverage. Refusals as Bybit words them. */
import { accepted, refuse } from './codes.ts'
import { type Holding, leverageHundredths } from './holding.ts'
import type { CommandResult } from './model.ts'

/** Only while there is neither a position nor an order. */
export function changePositionMode(holding: Holding, isHedge: boolean): CommandResult {
  if (holding.isHedge === isHedge) return refuse('linear', 'modeSame')
  if (!holding.isFlat) return refuse('linear', 'modePosition')
  if (holding.activeCount + holding.conditionalCount > 0) return refuse('linear', 'modeOrders')
  holding.isHedge = isHedge
  return accepted('', '')
}

export function changeLeverage(holding: Holding, leverage: string): CommandResult {
  const { rules, instrument } = holding.listing
  const hundredths = leverageHundredths(leverage)
  const max = leverageHundredths(rules.leverageMax)
  if (!(hundredths >= 100 && hundredths <= max)) return refuse(instrument.category, 'leverageInvalid')
  if (leverageHundredths(holding.leverage) === hundredths) return refuse(instrument.category, 'leverageSame')
  holding.leverage = leverage
  return accepted('', '')
}
