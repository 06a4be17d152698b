/** Whatever stands in the state folder, and whatever the disk or DNS does: the orders go, and nothing is claimed falsely. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { Proof } from '../../src/core/cancel/proof.ts'
import { fullLedger } from './ledger.ts'
import { type Bench, type Ended, type Exchange, test } from './process.ts'

const open = (desk: Bench): Promise<Exchange> =>
  desk.exchange(['--state', desk.file('state.json', JSON.stringify(fullLedger({ symbols: 1, ordersEach: 40 })))])

function stateOf(desk: Bench): string {
  const state = join(desk.dir, 'state')
  mkdirSync(state)
  return state
}

function cancelAll(desk: Bench, exchange: Exchange, more: readonly string[] = []): Promise<Ended> {
  const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state'), ...more]
  return desk.mm(args, exchange.key).ended
}

const fifo = (path: string): unknown => execFileSync('mkfifo', [path])
const huge = (path: string): void => {
  writeFileSync(path, '')
  truncateSync(path, 3 * 2 ** 30)
}

const STRANGE: readonly { what: string; put: (path: string) => unknown }[] = [
  { what: 'a named pipe', put: fifo },
  { what: 'a link to a device without end', put: (path) => symlinkSync('/dev/zero', path) },
  { what: 'a link to itself', put: (path) => symlinkSync(path, path) },
  { what: 'a file of 3 GiB', put: huge },
]

describe.concurrent('in place of the latch', () => {
  test.for(STRANGE)('$what: replaced by a latch', async ({ put }, { desk }) => {
    const exchange = await open(desk)
    const latch = join(stateOf(desk), 'HALT')
    put(latch)
    const ended = await cancelAll(desk, exchange)
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(JSON.parse(readFileSync(latch, 'utf8'))).toMatchObject({ by: 'cancel-all' })
    expect(existsSync('/dev/zero')).toBe(true)
  })

  test('a folder: it counts as set, and that is said', async ({ desk }) => {
    const exchange = await open(desk)
    mkdirSync(join(stateOf(desk), 'HALT'))
    const ended = await cancelAll(desk, exchange)
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(ended.stdout).toContain('what stands in its place counts as set')
  })
})

describe.concurrent('in place of the lock', () => {
  test.for(STRANGE)('$what: everything goes, and no zero is called fenced', async ({ put }, { desk }) => {
    const exchange = await open(desk)
    put(join(stateOf(desk), 'writer.lock'))
    const ended = await cancelAll(desk, exchange)
    expect([ended.code, await exchange.openOrders()]).toEqual([10, 0])
    expect(ended.stdout).toContain('the lock of the writer cannot be read')
  })
})

describe.concurrent('the proof', () => {
  test('a path whose disk hangs for ever: said, on stderr instead, and the process ends', async ({ desk }) => {
    const exchange = await open(desk)
    const path = join(desk.dir, 'pipe')
    fifo(path)
    const ended = await cancelAll(desk, exchange, ['--proof', path])
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(ended.stdout).toContain('the disk took more than')
    expect(JSON.parse(ended.stderr)).toMatchObject({ verifiedZero: true })
  })

  const PATHS = [
    { what: 'a folder', put: (path: string) => mkdirSync(path) },
    { what: 'a full disk', put: (path: string) => symlinkSync('/dev/full', path) },
    { what: 'a link to itself', put: (path: string) => symlinkSync(path, path) },
  ]
  test.for(PATHS)('$what: said, on stderr instead', async ({ put }, { desk }) => {
    const exchange = await open(desk)
    const path = join(desk.dir, 'proof.json')
    put(path)
    const ended = await cancelAll(desk, exchange, ['--proof', path])
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(ended.stdout).toContain('proof not written')
    expect(JSON.parse(ended.stderr)).toMatchObject({ verifiedZero: true })
  })
})

describe.concurrent('DNS', () => {
  // In the child: a resolver that never answers, and keeps count.
  const DEAD_DNS = `const { appendFileSync } = require('node:fs')
require('node:dns').lookup = (host) => appendFileSync(process.env.ASKED, host + '\\n')
`
  const lost = async (desk: Bench, args: readonly string[], remembered: string): Promise<[unknown, string[]]> => {
    const state = stateOf(desk)
    if (remembered !== '') writeFileSync(join(state, 'addresses.json'), remembered)
    const asked = desk.file('asked', '')
    const env = { NODE_OPTIONS: `--require=${desk.file('dead.cjs', DEAD_DNS)}`, ASKED: asked }
    const keys = { MM_API_KEY: 'k', MM_API_SECRET: 's' }
    const all = ['cancel-all', '--venue', 'live', '--deadline', '6s', '--json', '--state-dir', state, ...args]
    const ended = await desk.mm(all, { ...env, ...keys }).ended
    const { requests } = JSON.parse(ended.stdout) as Proof
    return [[ended.code, [...new Set(requests.map(({ outcome }) => outcome))]], readFileSync(asked, 'utf8').split('\n')]
  }
  // Nobody listens on the https port of this machine: "refused" shows that it came as far as a connection.
  const HERE = ['--resolve', 'api.bybit.com:127.0.0.1', '--resolve', 'api.bytick.com:127.0.0.1']
  const CASES = [
    { what: 'addresses by hand: never asked', args: HERE, remembered: '', outcome: 'lost: refused', asked: 0 },
    {
      what: 'remembered addresses: asked once a host',
      args: [],
      remembered: '{"api.bybit.com":"127.0.0.1","api.bytick.com":"127.0.0.1"}',
      outcome: 'lost: refused',
      asked: 2,
    },
    { what: 'nothing known', args: [], remembered: '', outcome: 'lost: dns', asked: 2 },
  ]
  test.for(CASES)('dead, $what', async ({ args, remembered, outcome, asked }, { desk }) => {
    const [found, hosts] = await lost(desk, args, remembered)
    expect(found).toEqual([14, expect.arrayContaining([outcome])])
    expect(hosts.length - 1).toBe(asked)
  })
})

test('a state folder that may be read only: said, and cancelled all the same', async ({ desk }) => {
  const exchange = await open(desk)
  // Root may write everywhere: /sys stands in for a read-only disk.
  const folder = process.getuid?.() === 0 ? '/sys/kernel' : stateOf(desk)
  if (folder !== '/sys/kernel') chmodSync(folder, 0o500)
  const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', folder]
  const ended = await desk.mm(args, exchange.key).ended
  expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
  expect(ended.stdout).toContain('HALT latch not written')
})
