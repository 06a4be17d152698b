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
  /** Minutely comparisons of our picture with the account's word. */
  reconciliations = 0
  /** Symbols that such a comparison could not read. */
  reconciliationsFailed = 0
  /** Times that creates or amends were stopped because several in a row had no definite answer. */
  breakerTrips = 0
  /** Times that the exchange banned this address (HTTP 403). */
  bans = 0
  /** Changes of a symbol's trading rules told while running. */
  ruleChanges = 0
  /** The venue would not let us choose "refuse" for prices outside the band. */
  priceActionRefused = 0
}
