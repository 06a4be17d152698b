/** The preflight against the simulated exchange: each bad state of key, account, clock or symbol is named with its fix. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openHost } from '../../src/core/exchange/sim/server/host.ts'
import { parseState } from '../../src/core/exchange/sim/server/initial-state.ts'
import { volatilityBps } from '../../src/core/runtime/live-preflight.ts'
import { allPacks } from '../../src/core/runtime/packs.ts'
import { validateConfig } from '../../src/core/runtime/validate-config.ts'

const packs = await allPacks()
const KEY = { apiKey: 'preflightkey000001', apiSecret: ['preflight', 'secret', '0001'].join('-') }
let dir: string
const closers: (() => Promise<void>)[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-preflight-'))
})

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  rmSync(dir, { recursive: true, force: true })
})

interface Account {
  readonly key?: object
  readonly account?: object
  readonly instruments?: readonly object[]
  readonly wallet?: object
  /** Orders outside the price limits are rejected, as mm trade sets it. */
  readonly isMoved?: boolean
  readonly clockAhead?: string
}

interface Told {
  readonly exit: number
  readonly problems: readonly {
    readonly code: string
    readonly severity: string
    readonly message: string
    readonly fix: string
  }[]
  readonly markets: readonly { readonly symbol: string; readonly isMeasured: boolean; readonly bpsPerTick: number }[]
}

async function ask(
  account: Account,
  argv: { account?: boolean; symbols?: string; set?: readonly string[] } = {},
): Promise<Told> {
  const good = { ...KEY, ips: ['127.0.0.1'], permissions: { Wallet: [] } }
  const state = parseState(
    JSON.stringify({
      accounts: [
        {
          uid: '7001',
          wallet: account.wallet ?? { USDT: '100000' },
          keys: [{ ...good, ...account.key }],
          ...account.account,
        },
      ],
      instruments: account.instruments ?? [],
      ...(account.clockAhead !== undefined && { clockAhead: account.clockAhead }),
    }),
  )
  if ('problem' in state) throw new Error(state.problem)
  const host = await openHost({
    port: 0,
    speed: 1,
    seed: 7,
    symbols: [],
    tier: 'default',
    isInstitutional: true,
    state,
  })
  closers.push(() => host.close())
  host.server.exchange.setPriceLimitAction('7001', 'linear', account.isMoved === true)
  const { exit, out } = await validateConfig(
    {
      set: argv.set ?? [],
      format: 'json',
      schema: false,
      account: argv.account ?? true,
      exchangeUrl: host.welcome.rest,
      ...(argv.symbols !== undefined && { symbols: argv.symbols }),
    },
    { env: { MM_API_KEY: KEY.apiKey, MM_API_SECRET: KEY.apiSecret }, cwd: dir, version: '0', packs },
  )
  return { exit, ...(JSON.parse(out) as Omit<Told, 'exit'>) }
}

const errorsOf = ({ problems }: Told): string[] =>
  problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)

test('a good account has no errors, and its market is measured', async () => {
  const told = await ask({})
  expect(errorsOf(told), JSON.stringify(told.problems)).toEqual([])
  expect(told.exit).toBe(0)
  expect(told.markets).toMatchObject([{ symbol: 'BTCUSDT', isMeasured: true }])
  expect(told.markets[0]?.bpsPerTick).toBeLessThan(0.1)
})

describe('bad states', () => {
  const preLaunch = {
    symbol: 'NEWUSDT',
    category: 'linear',
    baseCoin: 'NEW',
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    tickSize: '0.01',
    lotSize: '0.1',
    price: '200',
    status: 'PreLaunch',
  }

  test.each([
    ['withdraw scope', { key: { permissions: { Wallet: ['Withdraw'] } } }, 'KEY_MAY_WITHDRAW', /Withdraw/],
    [
      'transfers to others',
      { key: { permissions: { Wallet: ['SubMemberTransfer'] } } },
      'KEY_MAY_TRANSFER',
      /transfers/,
    ],
    ['no IP binding', { key: { ips: [] } }, 'KEY_NOT_BOUND', /Bind the key/],
    ['bound elsewhere', { key: { ips: ['10.0.0.1'] } }, 'KEY_IP_MISMATCH', /IP list/],
    ['expired key', { key: { expires: '1000' } }, 'KEY_EXPIRED', /new key/],
    ['read-only key', { key: { readOnly: true } }, 'KEY_READ_ONLY', /permission to trade/],
    [
      'no trading permission',
      { key: { permissions: { ContractTrade: [], Derivatives: [] } } },
      'KEY_MAY_NOT_TRADE',
      /permission/,
    ],
    ['another key', { key: { apiKey: 'anotherkey00000001' } }, 'KEY_UNKNOWN', /venue/],
    ['another secret', { key: { apiSecret: 'another' } }, 'KEY_SIGNATURE', /secret/],
    ['hedge mode', { account: { isHedge: true } }, 'HEDGE_MODE', /one-way/],
    ['silent price move', { isMoved: true }, 'PRICE_MOVED_SILENTLY', /set-limit-px-action/],
    ['small balance', { wallet: { USDT: '10' } }, 'BALANCE_TOO_SMALL', /fund the account/],
    ['clock behind', { clockAhead: '3000' }, 'CLOCK_SKEW', /chrony/],
  ] as const)('%s', async (_, account, code, fix) => {
    const told = await ask(account)
    expect(errorsOf(told), JSON.stringify(told.problems)).toEqual([code])
    expect(told.problems.find((entry) => entry.code === code)?.fix).toMatch(fix)
    expect(told.exit).toBe(1)
  })

  test('a symbol that is not trading yet, and one that does not exist', async () => {
    const told = await ask({ instruments: [preLaunch] }, { symbols: 'BTCUSDT,NEWUSDT,NOUSDT' })
    expect(errorsOf(told)).toEqual(['SYMBOL_NOT_TRADING', 'SYMBOL_UNKNOWN'])
    expect(told.problems.find(({ code }) => code === 'SYMBOL_NOT_TRADING')?.message).toContain('PreLaunch')
  })

  test('all at once', async () => {
    const told = await ask({
      key: { ips: [], permissions: { Wallet: ['Withdraw'] } },
      account: { isHedge: true },
      isMoved: true,
    })
    expect(errorsOf(told)).toEqual(['KEY_MAY_WITHDRAW', 'KEY_NOT_BOUND', 'HEDGE_MODE', 'PRICE_MOVED_SILENTLY'])
  })

  test('an order below the smallest one, without a key', async () => {
    const told = await ask({}, { account: false, set: ['quoting.orderValue=3', 'quoting.positionValueMax=10'] })
    expect(errorsOf(told)).toEqual(['ORDER_TOO_SMALL'])
  })
})

test('nothing at the exchange is changed', async () => {
  const state = parseState(JSON.stringify({ accounts: [{ uid: '7001', wallet: {}, keys: [{ ...KEY }] }] }))
  if ('problem' in state) throw new Error(state.problem)
  const host = await openHost({ port: 0, speed: 1, seed: 7, symbols: [], tier: 'default', state })
  closers.push(() => host.close())
  const before = host.server.exchange.priceLimitAction('7001', 'linear')
  const env = { MM_API_KEY: KEY.apiKey, MM_API_SECRET: KEY.apiSecret }
  const options = { set: [], format: 'json', schema: false, account: true, exchangeUrl: host.welcome.rest } as const
  await validateConfig(options, { env, cwd: dir, version: '0', packs })
  expect(host.server.exchange.priceLimitAction('7001', 'linear')).toBe(before)
})

test.each(['http://127.0.0.1:1', 'http://example.com', 'https://169.254.169.254'])(
  '%s: exit 3 or refused',
  async (exchangeUrl) => {
    const options = { set: [], format: 'json', schema: false, account: false, exchangeUrl } as const
    const asked = validateConfig(options, { env: {}, cwd: dir, version: '0', packs })
    await expect(asked).rejects.toMatchObject({
      code: exchangeUrl.includes('127') ? 'EXCHANGE_UNREACHABLE' : 'HOST_REFUSED',
    })
  },
)

test('volatility is that of the closes, scaled to a second', () => {
  // Every minute one basis point, up and down: σ = 1 bps / √60 s.
  const rows = Array.from({ length: 61 }, (_, at) => ['0', '0', '0', '0', String(at % 2 === 0 ? 10_000 : 10_001)])
  expect(volatilityBps(rows)).toBeCloseTo(1 / Math.sqrt(60), 3)
  expect(volatilityBps(rows.slice(0, 5))).toBeNull()
})
