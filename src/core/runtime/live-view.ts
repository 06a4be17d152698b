/** What a running bot tells the dashboard, `mm status` and other local watchers over its control socket. Types only. */
import type { BotView } from '../engine/view.ts'

export interface LiveView {
  readonly view: BotView
  readonly run: RunView
}

export interface RunView {
  readonly version: string
  readonly venue: string
  readonly epoch: string
  readonly configHash: string
  readonly pid: number
  /** "http://127.0.0.1:9464/metrics", '' when metrics are off. */
  readonly metricsUrl: string
  readonly seed: number | null
  /** µs; 0 while nothing was measured. */
  readonly latency: {
    readonly tickToRequest: Quantiles
    readonly intentDurable: Quantiles
    readonly order: Quantiles
  }
  /** Per second, over the last few seconds. */
  readonly rates: {
    readonly marketEvents: number
    readonly decisions: number
    readonly requests: number
    readonly fills: number
  }
  readonly journal: {
    readonly seq: number
    readonly durableSeq: number
    readonly backlogBytes: number
    readonly failure: string | null
  }
  readonly queue: { readonly depthMax: number; readonly shed: number; readonly waiting: number }
  /** Newest last: what a person would want to have seen. */
  readonly events: readonly RunNews[]
}

export interface Quantiles {
  readonly count: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
}

export interface RunNews {
  /** Time of the run, µs. */
  readonly atUs: number
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

/** One line from a client. */
export type ControlCall =
  /** One LiveView. */
  | { readonly op: 'status' }
  /** LiveViews from now on, at most five a second. */
  | { readonly op: 'watch' }
  | { readonly op: 'halt' | 'pause' | 'resume'; readonly reason?: string }
  /** Reads the configuration again: all of it or nothing. Answers `reloaded`, and `changes` or `reasons`. */
  | { readonly op: 'reload' }

/** One line to a client. */
export type ControlLine =
  | ({ readonly type: 'view' } & LiveView)
  | { readonly type: 'done'; readonly ok: true; readonly [field: string]: unknown }
  | { readonly type: 'error'; readonly ok: false; readonly error: string }
