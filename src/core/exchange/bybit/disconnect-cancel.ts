/**
 * Bybit's cancel on disconnect (DCP): accounts that have it get it armed. It fires only when every private connection that
 * subscribed its topic is gone, so nothing but the connection that trades may subscribe it.
 * https://bybit-exchange.github.io/docs/v5/order/dcp
 */
import type { TradedCategory } from './options.ts'
import { RestFailure, type RestTransport } from './rest-transport.ts'

/** Bybit's own default; the setting takes about 10 s to take effect. */
export const DCP_WINDOW_S = 10
const PATH = '/v5/order/disconnected-cancel-all'

const PRODUCT = { linear: 'DERIVATIVES', inverse: 'DERIVATIVES', spot: 'SPOT' } as const
const TOPIC = { linear: 'dcp.future', inverse: 'dcp.future', spot: 'dcp.spot' } as const

export const dcpTopic = (category: TradedCategory): string => TOPIC[category]

/** Seconds of its window; null when this account has none, or nobody answered. */
export async function armDcp(
  transport: RestTransport,
  category: TradedCategory,
  windowMs: number,
): Promise<number | null> {
  const body = JSON.stringify({ product: PRODUCT[category], timeWindow: DCP_WINDOW_S })
  try {
    await transport.post(PATH, body, windowMs)
    return DCP_WINDOW_S
  } catch (error) {
    // An ordinary account is refused, with one of several codes. An extra that is not there is no error.
    if (error instanceof RestFailure) return null
    throw error
  }
}
