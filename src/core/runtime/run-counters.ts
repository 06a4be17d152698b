/** What the runtime itself counts over a run: plain fields that the hot path adds to and a scrape reads. */
import { LatencyTable } from './latency.ts'

export class RunCounters {
  marketEvents = 0
  decisions = 0
  eventsShed = 0
  queueDepthMax = 0
  requestsWithheld = 0
  requestsWaiting = 0
  configReloads = 0
  configReloadsRefused = 0
  journalSeq = 0
  journalBacklogBytes = 0
  journalFailed = false
  readonly tickToRequest = new LatencyTable()
  readonly intentDurable = new LatencyTable()
  readonly orderLatency = new LatencyTable()
  /** Set where a real event loop is watched; virtual time has no delay. */
  loopDelaySeconds: () => number = () => 0
}
