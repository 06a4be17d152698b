/** What the gateway counts. Plain numbers that the metrics collector reads; nothing here is ever reset. */

export class GatewayCounters {
  /** Market frames the strict scanner handed to JSON.parse. */
  decodeFallbacks = 0
  /** Frames that no decoder could read: dropped, and what they may have carried resynced. */
  framesDropped = 0
  /** Broken update-id chains of an order book. */
  bookGaps = 0
  staleFeeds = 0
  reconnectsMarket = 0
  reconnectsAccount = 0
  reconnectsTrade = 0
  requestsSent = 0
  /** Creates and amends refused here because the rate budget was used up. */
  requestsShed = 0
  acksAccepted = 0
  acksRejected = 0
  acksAmbiguous = 0
  acksGone = 0
  /** Answers on the order-entry socket that name no request. */
  acksUnmatched = 0
  ordersNeverLanded = 0
  postOnlyMisses = 0
  duplicateFills = 0
  /** Order messages older than what was known. */
  staleOrderMessages = 0
  restCalls = 0
  restFailures = 0
  rateLimited = 0
  /** Full reads of the account state. */
  resyncs = 0
  /** The exchange stated a position that our fills did not add up to. */
  positionMismatches = 0
  /** The venue would not let us choose "refuse" for prices outside the band. */
  priceActionRefused = 0
}
