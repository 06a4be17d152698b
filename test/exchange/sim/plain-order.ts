/** The plainest order the simulated exchange takes: limit, GTC, no trigger, no exits. Tests and benches say what differs. */
import type { PlaceCommand } from '../../../src/core/exchange/sim/model.ts'

const zeroTicks = 0 as PlaceCommand['priceTicks']

export const PLAIN_ORDER: PlaceCommand = {
  category: 'linear',
  symbol: 'BTCUSDT',
  side: 1,
  type: 'Limit',
  priceTicks: zeroTicks,
  sizeLots: 10 as PlaceCommand['sizeLots'],
  quoteE8: 0n,
  timeInForce: 'GTC',
  orderLinkId: '',
  isReduceOnly: false,
  closeOnTrigger: false,
  positionIdx: 0,
  smpType: 'None',
  orderFilter: 'Order',
  stopOrderType: '',
  triggerTicks: zeroTicks,
  triggerDirection: 0,
  triggerBy: '',
  extras: {},
}
