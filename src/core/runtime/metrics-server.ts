/**
 * Serves /metrics, /healthz and /readyz on a loopback address. Read-only: GET alone, and only for a Host that is ours,
 * so that no web page can rebind a name to it. It never touches the engine but through a snapshot.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv4 } from 'node:net'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { invariant } from '../domain/invariant.ts'
import { fail } from '../errors.ts'
import { METRICS, type HistogramRow, type MetricRow, type MetricsSource, type ValueRow } from './metrics-table.ts'

const STARTING = 'starting\n'

export interface MetricsOptions {
  /** HOST:PORT. */
  readonly address: string
  /** The user asked for this very address: a busy port is then an error. */
  readonly isExplicit: boolean
  /** Null while there is nothing to show yet: the run is starting. */
  source(): MetricsSource | null
  /** Called with what to tell the user when another port was taken. */
  warn(text: string): void
}

export interface MetricsServer {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Host and port of "127.0.0.1:9464", "[::1]:0" or "localhost:1"; only loopback. Throws METRICS_ADDRESS. */
export function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9.]+|localhost)):(\d{1,5})$/i.exec(address)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = Number.parseInt(match?.[3] ?? '', 10)
  if (match === null || port > 65_535) return fail('METRICS_ADDRESS', { address, reason: 'it is not HOST:PORT' })
  const isLoopback = host === '::1' || host === 'localhost' || (isIPv4(host) && host.startsWith('127.'))
  if (!isLoopback) return fail('METRICS_ADDRESS', { address, reason: 'only a loopback address may show positions' })
  return { host, port }
}

/** Starts listening. Throws METRICS_PORT_BUSY or METRICS_ADDRESS. */
export async function serveMetrics(options: MetricsOptions): Promise<MetricsServer> {
  const { host, port } = parseAddress(options.address)
  // An ESM import of node:http would load all of undici.
  const { createServer } = process.getBuiltinModule('node:http')
  const scrape = scraperOf(options.source)
  const server = createServer((request, reply) => {
    answer(request, reply, { host, scrape, source: options.source }).catch((error: unknown) => {
      if (!reply.headersSent) reply.writeHead(500)
      reply.end(`${(error as Error).message}\n`)
    })
  })
  server.unref()
  const chosen = await listen(server, { host, port }, options)
  return { host, port: chosen, close: () => closeServer(server) }
}

async function listen(server: Server, at: { host: string; port: number }, options: MetricsOptions): Promise<number> {
  try {
    return await tryListen(server, at.host, at.port)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') return fail('METRICS_ADDRESS', { address: options.address, reason: message }, error)
    if (options.isExplicit) return fail('METRICS_PORT_BUSY', { port: at.port, host: at.host }, error)
    const port = await tryListen(server, at.host, 0)
    options.warn(`port ${at.port} is in use: metrics are at http://${at.host}:${port}/metrics`)
    return port
  }
}

function tryListen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

interface Answering {
  readonly host: string
  readonly scrape: () => Promise<string | null>
  readonly source: () => MetricsSource | null
}

async function answer(request: IncomingMessage, reply: ServerResponse, serving: Answering): Promise<void> {
  const send = (status: number, type: string, text: string): void => {
    reply.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    reply.end(text)
  }
  if (!isOurHost(request.headers.host, serving.host)) return send(421, 'text/plain', 'unknown host\n')
  if (request.method !== 'GET') return send(405, 'text/plain', 'GET only\n')
  const path = request.url?.split('?', 1)[0]
  if (path === '/metrics') {
    const text = await serving.scrape()
    return text === null ? send(503, 'text/plain', STARTING) : send(200, Registry.PROMETHEUS_CONTENT_TYPE, text)
  }
  if (path !== '/healthz' && path !== '/readyz') return send(404, 'text/plain', 'not found\n')
  const source = serving.source()
  if (source === null) return send(503, 'text/plain', STARTING)
  const { view, info, run } = source
  const isReady = view.phase === 'quoting' && !run.journalFailed
  const health = { status: isReady ? 'ready' : 'notReady', phase: view.phase, reason: view.phaseReason, seq: view.seq }
  return send(
    path === '/readyz' && !isReady ? 503 : 200,
    'application/json',
    `${JSON.stringify({ ...health, ...info })}\n`,
  )
}

function isOurHost(header: string | undefined, host: string): boolean {
  const name = (header ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === host || name === 'localhost' || name === '127.0.0.1' || name === '::1'
}

/** A registry over the table; all rows of one scrape read the same snapshot. */
export function scraperOf(source: () => MetricsSource | null): () => Promise<string | null> {
  const registry = new Registry()
  let current: MetricsSource | null = null
  const now = (): MetricsSource => {
    invariant(current !== null, 'a metric is read only while it is scraped')
    return current
  }
  for (const row of METRICS) registry.registerMetric(metricOf(row, now))
  return async () => {
    current = source()
    return current === null ? null : registry.metrics()
  }
}

function metricOf(row: MetricRow, now: () => MetricsSource): Counter | Gauge | Histogram {
  if (row.type === 'histogram') return new PulledHistogram(row, now)
  const options = { name: row.name, help: row.help, labelNames: [...row.labels], registers: [] }
  return row.type === 'counter' ? pulledCounter(row, options, now) : pulledGauge(row, options, now)
}

interface Names {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
  readonly registers: Registry[]
}

function pulledCounter(row: ValueRow, options: Names, now: () => MetricsSource): Counter {
  const metric: Counter = new Counter({
    ...options,
    collect: () => {
      metric.reset()
      for (const { labels, value } of row.read(now())) metric.inc(labels, value)
    },
  })
  return metric
}

function pulledGauge(row: ValueRow, options: Names, now: () => MetricsSource): Gauge {
  const metric: Gauge = new Gauge({
    ...options,
    collect: () => {
      metric.reset()
      for (const { labels, value } of row.read(now())) metric.set(labels, value)
    },
  })
  return metric
}

// prom-client asks a metric for its values; ours come from a LatencyTable, not from `observe`.
class PulledHistogram extends Histogram {
  private readonly row: HistogramRow
  private readonly now: () => MetricsSource

  constructor(row: HistogramRow, now: () => MetricsSource) {
    super({ name: row.name, help: row.help, buckets: [...row.buckets], registers: [] })
    this.row = row
    this.now = now
  }

  // What the text renderer and `get` ask for.
  getForPromString(): Promise<object> {
    const { name, help, buckets } = this.row
    const table = this.row.read(this.now())
    const bucket = (le: number | string, value: number): object => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value,
    })
    const values = [
      ...buckets.map((bound) => bucket(bound, table.countUpTo(bound * 1e6))),
      bucket('+Inf', table.count),
      { metricName: `${name}_sum`, labels: {}, value: table.sumUs / 1e6 },
      { metricName: `${name}_count`, labels: {}, value: table.count },
    ]
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values })
  }
}
