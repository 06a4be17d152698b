/** The end of a session whose exchange is gone: what the bot believes open is said as such, never as zero or unknown. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OpenOrder } from '../../src/core/exchange/port.ts'
import { runText } from '../../src/core/report/run-text.ts'
import { readLastRun } from '../../src/core/runtime/recover.ts'
import { venueKey } from '../../src/core/runtime/session-account.ts'
import { QUOTING_US, scene } from './session-scene.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-session-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const sorted = (ids: readonly string[]): string[] => [...ids].sort((a, b) => a.localeCompare(b))

test('the exchange dies while orders are open: their ids are named, and no record says zero', async () => {
  const { venue, link, session, end } = await scene(dir)
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
