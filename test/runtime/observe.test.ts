/** What others see of a run: metrics by their table, a log without secrets, latencies that count right. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Secret } from '../../src/core/domain/secret.ts'
import { type BotView, zeroCounters } from '../../src/core/engine/view.ts'
import { GatewayCounters } from '../../src/core/exchange/bybit/counters.ts'
import { LatencyTable } from '../../src/core/runtime/latency.ts'
import { openLog } from '../../src/core/runtime/log.ts'
import { type MetricsServer, parseAddress, scraperOf, serveMetrics } from '../../src/core/runtime/metrics-server.ts'
import { METRICS, metricsMarkdown, type MetricsSource } from '../../src/core/runtime/metrics-table.ts'
import { Redactor } from '../../src/core/runtime/redact.ts'
import { RunCounters } from '../../src/core/runtime/run-counters.ts'
import { viewOf } from './view-sample.ts'

const redactorReady = Promise.resolve()
let dir: string
const open: MetricsServer[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-observe-'))
})

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
  rmSync(dir, { recursive: true, force: true })
})

function sourceOf(view: Partial<BotView> = {}): MetricsSource {
  const run = new RunCounters()
  run.tickToRequest.record(30)
  run.tickToRequest.record(300)
  const info = { version: '0.1.0', configHash: 'abc', venue: 'paper' }
  return { view: { ...viewOf(), ...view }, run, gateway: { bookGaps: 3 }, info }
}

async function serve(over: Partial<Parameters<typeof serveMetrics>[0]> = {}): Promise<MetricsServer> {
  const server = await serveMetrics({
    address: '127.0.0.1:0',
    isExplicit: true,
    source: () => sourceOf(),
    warn: () => undefined,
    ...over,
  })
  open.push(server)
  return server
}

describe('metrics', () => {
  test('a scrape has exactly the names of the table', async () => {
    const text = (await scraperOf(() => sourceOf())()) ?? ''
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    expect(names).toEqual(METRICS.map(({ name, type }) => `${name} ${type}`))
    expect(text).toContain('mm_phase{phase="quoting"} 1')
    expect(text).toContain('mm_gateway_book_gaps_total 3')
    expect(text).toContain('mm_fills_total{symbol="BTCUSDT",liquidity="maker"} 4')
    expect(text).toContain('mm_tick_to_request_seconds_bucket{le="0.00005"} 1')
    expect(text).toContain('mm_tick_to_request_seconds_bucket{le="+Inf"} 2')
    expect(text).toContain('mm_tick_to_request_seconds_count 2')
  })

  test('docs/reference/metrics.md is the table', () => {
    const file = 'docs/reference/metrics.md'
    if (process.env['MM_WRITE_DOCS']) writeFileSync(file, metricsMarkdown())
    expect(readFileSync(file, 'utf8')).toBe(metricsMarkdown())
  })

  test('everything that the engine and the gateway count has a row that shows it', async () => {
    const rows = METRICS.filter((row) => row.type !== 'histogram').filter((row) => row.type === 'counter')
    const readAll = (source: MetricsSource): number =>
      rows.flatMap((row) => row.read(source)).reduce((sum, { value }) => sum + Math.trunc(value / 1000), 0)
    const base = sourceOf()
    for (const key of Object.keys(zeroCounters())) {
      // Fills are shown by symbol and liquidity.
      if (key === 'fills') continue
      const counters = { ...zeroCounters(), [key]: 1_000_000 }
      expect(readAll({ ...base, view: { ...base.view, counters } }), key).toBeGreaterThan(readAll(base) + 500)
    }
    for (const key of Object.keys(new GatewayCounters())) {
      expect(readAll({ ...base, gateway: { [key]: 1_000_000 } }), key).toBeGreaterThan(readAll(base) + 500)
    }
  })

  test('names are unique, prefixed, and say their unit the Prometheus way', () => {
    const names = METRICS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { name, type } of METRICS) {
      expect(name).toMatch(/^mm_[a-z0-9_]+$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
    }
  })

  test('is served on loopback, for reading, to those who asked for us', async () => {
    const { port } = await serve()
    const get = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init)
    const metrics = await get('/metrics')
    expect(metrics.status).toBe(200)
    expect(await metrics.text()).toContain('mm_build_info{version="0.1.0",config_hash="abc",venue="paper"} 1')
    expect(await (await get('/healthz')).json()).toMatchObject({ status: 'ready', phase: 'quoting', configHash: 'abc' })
    expect((await get('/readyz')).status).toBe(200)
    expect((await get('/nothing')).status).toBe(404)
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
    expect(await statusWithHost(port, 'evil.example')).toBe(421)
    expect(await statusWithHost(port, `localhost:${port}`)).toBe(200)
  })

  test('is not ready while the bot does not quote', async () => {
    const { port } = await serve({ source: () => sourceOf({ phase: 'syncing', phaseReason: 'no position' }) })
    const reply = await fetch(`http://127.0.0.1:${port}/readyz`)
    expect(reply.status).toBe(503)
    expect(await reply.json()).toMatchObject({ phase: 'syncing', reason: 'no position' })
  })

  test('a busy port: an error when it was asked for, another port with a warning when not', async () => {
    const busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    const { port } = busy.address() as AddressInfo
    const address = `127.0.0.1:${port}`
    await expect(serve({ address })).rejects.toMatchObject({
      code: 'METRICS_PORT_BUSY',
      exit: 2,
      message: expect.stringContaining(String(port)),
    })
    const warnings: string[] = []
    const other = await serve({ address, isExplicit: false, warn: (text) => warnings.push(text) })
    expect(other.port).not.toBe(port)
    expect(warnings.join()).toContain(`port ${port} is in use`)
    await new Promise((resolve) => busy.close(resolve))
  })

  test.each(['0.0.0.0:1', '10.0.0.1:9464', 'example.org:80', '127.0.0.1', 'x', '127.0.0.1:99999', ':9464'])(
    '%s is refused',
    (address) => {
      expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'METRICS_ADDRESS', exit: 2 }))
    },
  )
})

describe('latency table', () => {
  test('quantiles are within a bucket of the exact ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { minLength: 1, maxLength: 200 }), (ns) => {
        const table = new LatencyTable()
        for (const value of ns) table.record(value / 1000)
        const sorted = [...ns].sort((a, b) => a - b)
        for (const share of [0.01, 0.5, 0.99, 1]) {
          const exact = (sorted[Math.max(0, Math.ceil(share * ns.length) - 1)] ?? 0) / 1000
          const found = table.quantileUs(share)
          expect(found).toBeGreaterThanOrEqual(exact - 1e-9)
          expect(found).toBeLessThanOrEqual(exact * 1.04 + 0.001)
        }
        expect(table.countUpTo(2_000_000)).toBe(ns.length)
      }),
    )
  })

  test('empty, negative and huge', () => {
    const table = new LatencyTable()
    expect(table.quantileUs(0.5)).toBe(0)
    table.record(-5)
    table.record(1e12)
    expect(table.count).toBe(2)
    expect(table.quantileUs(0.5)).toBe(0)
    table.reset()
    expect([table.count, table.maxUs, table.countUpTo(10)]).toEqual([0, 0, 0])
  })
})

describe('log', () => {
  const value = ['s3', 'cret/', 'Val+ue', '"q"'].join('')

  test('no spelling of a secret gets through, in any field or in an error', async () => {
    const redactor = new Redactor()
    redactor.add(new Secret(value))
    const file = join(dir, 'log')
    const { log, close } = openLog({ level: 'debug', redactor, file, redactorReady })
    const bytes = Buffer.from(value)
    const spellings = [
      value,
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      encodeURIComponent(value),
    ]
    for (const spelling of spellings) log.info({ deep: { header: `Bearer ${spelling}` } }, `said ${spelling}`)
    log.error({ err: Object.assign(new Error(`cause ${value}`), { config: { headers: value } }) })
    await close()
    const text = readFileSync(file, 'utf8')
    for (const spelling of spellings) expect(text).not.toContain(spelling)
    expect(text.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(2 * spellings.length)
    for (const line of text.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
    expect(text).not.toContain('headers')
  })

  test('text from outside cannot steer a terminal and stays what it was', async () => {
    const file = join(dir, 'log')
    const { log, close } = openLog({ level: 'info', redactor: new Redactor(), file, redactorReady })
    const nasty = 'a\u001b]52;c;eA==\u0007\u202eb\u009b31m\u2028\u007f'
    log.warn({ retMsg: nasty }, 'from outside')
    await close()
    const line = readFileSync(file, 'utf8').trimEnd()
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
    expect(JSON.parse(line)).toMatchObject({ retMsg: nasty })
  })

  test('short values are left alone; a log file that cannot be opened is an error for people', () => {
    const redactor = new Redactor()
    redactor.add(new Secret('abc'))
    expect(redactor.clean('abc')).toBe('abc')
    expect(() => openLog({ level: 'info', redactor, file: dir, redactorReady })).toThrow(
      expect.objectContaining({ code: 'STATE_UNWRITABLE' }),
    )
  })

  test('goes to stderr by default', () => {
    const write = vi.spyOn(process.stderr, 'fd', 'get')
    openLog({ level: 'silent', redactor: new Redactor(), redactorReady }).log.info('not written')
    expect(write).toHaveBeenCalled()
    write.mockRestore()
  })
})

async function statusWithHost(port: number, host: string): Promise<number> {
  const { request } = process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/healthz', headers: { host } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
