/** The end of a session whose exchange is gone: what the bot believes open is said as such, never as zero or unknown. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/core/config/load.ts'
import type { OpenOrder } from '../../src/core/exchange/port.ts'
import { nodeDisk } from '../../src/core/runtime/disk.ts'
import { inlineJournal } from '../../src/core/runtime/journal.ts'
import { openLog } from '../../src/core/runtime/log.ts'
import { allPacks, packSchemas } from '../../src/core/runtime/packs.ts'
import { readLastRun } from '../../src/core/runtime/recover.ts'
import { Redactor } from '../../src/core/runtime/redact.ts'
import { runText } from '../../src/core/report/run-text.ts'
import { Session } from '../../src/core/runtime/session.ts'
import { venueKey } from '../../src/core/runtime/session-account.ts'
import type { JoinedExchange } from '../../src/core/runtime/venue.ts'
import { openVenue } from '../../src/core/runtime/venues.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-session-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const SYMBOLS = ['BTCUSDT']
const EPOCH = '0000001'
const QUOTING_US = 12_000_000

const sorted = (ids: readonly string[]): string[] => [...ids].sort((a, b) => a.localeCompare(b))

async function scene() {
  const packs = await allPacks()
  const sources = { config: undefined, profile: undefined, override: undefined, set: [], env: {}, cwd: dir }
  const config = loadConfig(sources, packSchemas(packs))
  const redactor = new Redactor()
  const choice = {
    venue: 'paper',
    market: 'synthetic',
    seed: 7,
    speed: 'max',
    exchangeUrl: undefined,
    env: {},
  } as const
  const venue = await openVenue({ ...choice, symbols: SYMBOLS, settings: config.settings, redactor })
  const header = { epoch: EPOCH, createdMs: 0, buildHash: 'b', configHash: config.hash }
  const { log, close } = openLog({ level: 'silent', redactor, file: join(dir, 'mm.log') })
  const link = { prefix: 'mm00', epoch: EPOCH, createWindowMs: 1_000, onFatal: () => undefined }
  const journal = inlineJournal({ ...nodeDisk, sync: () => undefined }, { dir, header, preallocate: false })
  const session = (exchange: JoinedExchange) =>
    new Session({
      venue,
      exchange,
      log,
      config,
      packs,
      seed: 7,
      epoch: EPOCH,
      symbols: SYMBOLS,
      stateDir: dir,
      journal,
      linkPrefix: `mm00-${EPOCH}-`,
      version: '0',
      lastRun: null,
      arm: null,
      emit: null,
      say: () => undefined,
      onRecovered: () => undefined,
      durationUs: QUOTING_US,
    })
  const end = async (): Promise<void> => {
    await journal.close()
    close()
  }
  return { venue, link, session, end }
}

test('the exchange dies while orders are open: their ids are named, and no record says zero', async () => {
  const { venue, link, session, end } = await scene()
  const { result, open } = await venue.drive(async () => {
    const exchange = await venue.connect(link)
    const [send, start] = [exchange.send.bind(exchange), exchange.open.bind(exchange)]
    const deaths: Promise<readonly OpenOrder[]>[] = []
    exchange.send = (requests, nowUs) => {
      if (deaths.length === 0) send(requests, nowUs)
    }
    exchange.open = async (sink) => {
      await start((event) => {
        if (deaths.length === 0) sink(event)
      })
      venue.clock.after(QUOTING_US - 1, () => {
        deaths.push(exchange.openOrders())
      })
    }
    const net = { ...exchange.emergency.net, http: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    net.nowUs = () => venue.clock.nowUs()
    net.after = (delayUs, work) => venue.clock.after(delayUs, work)
    const dead = Object.assign(exchange, { emergency: { ...exchange.emergency, net } })
    const ended = await session(dead).run()
    const ids = (await Promise.all(deaths)).flat().map(({ orderLinkId }) => orderLinkId)
    return { result: ended, open: sorted(ids) }
  })
  await end()
  expect(open.length).toBeGreaterThan(0)
  const { summary, error, exit } = result
  expect(exit).toBe(5)
  expect(summary).toMatchObject({ openOrders: null, verifiedZero: false })
  expect(sorted(summary?.openOrderIds ?? [])).toEqual(open)
  expect(String(error)).toContain('believed open: mm00-')
  for (const id of open) {
    expect(String(error)).toContain(id)
    expect(summary === null ? '' : runText(summary)).toContain(id)
  }
  expect(readLastRun(dir, venueKey(venue))?.end).toMatchObject({ openOrders: null, verifiedZero: false })
})
