/** The preflight against the simulated exchange: each bad state of key, account, clock or symbol is named with its fix. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenLocal, listenUdp } from '../../src/core/deadman/channel.ts'
import { Watch } from '../../src/core/deadman/watch.ts'
import { type ExchangeHost, openHost } from '../../src/core/exchange/sim/server/host.ts'
import { faultScript } from '../../src/core/exchange/sim/server/fault-input.ts'
import type { Tier } from '../../src/core/exchange/sim/server/limits.ts'
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
  readonly tier?: Tier
  /** Before anybody asks. */
  readonly prepare?: (host: ExchangeHost) => unknown
}

interface Told {
  readonly exit: number
  readonly problems: readonly {
    readonly code: string
    readonly severity: string
    readonly message: string
    readonly fix: string
  }[]
  readonly asked: { readonly quota: { readonly single: object; readonly batch: object; readonly source: string } }
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
    tier: account.tier ?? 'default',
    isInstitutional: true,
    state,
  })
  closers.push(() => host.close())
  await account.prepare?.(host)
  host.server.exchange.terms.setPriceLimitAction('7001', 'linear', account.isMoved === true)
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
    ['clock ahead', { clockAhead: '-3000' }, 'CLOCK_SKEW', /chrony/],
    ['leverage', { set: ['exchange.leverage=5'] }, 'LEVERAGE_DIFFERS', /set-leverage/],
    ['a guard that is not there', { set: ['deadman.address=/nowhere/guard.sock'] }, 'GUARD_SILENT', /Start mm guard/],
    ['a guard without a key', { set: ['deadman.address=127.0.0.1:1'] }, 'GUARD_UNUSABLE', /mode 0600/],
    ['too many places', { set: ['risk.placesPerS=21'] }, 'RATE_OVER_ACCOUNT_QUOTA', /at or below/],
    ['too many amends', { set: ['risk.amendsPerS=21'] }, 'RATE_OVER_ACCOUNT_QUOTA', /at or below/],
    [
      'too many cancels',
      { set: ['risk.cancelReserve=21', 'risk.requestsPerS=40'] },
      'RATE_OVER_ACCOUNT_QUOTA',
      /at or below/,
    ],
  ] as const)('%s', async (_, given, code, fix) => {
    const { set = [], ...account }: Account & { readonly set?: readonly string[] } = given
    const told = await ask(account, { set })
    expect(errorsOf(told), JSON.stringify(told.problems)).toEqual([code])
    expect(told.problems.find((entry) => entry.code === code)?.fix).toMatch(fix)
    expect(told.exit).toBe(1)
  })

  test.each([
    ['3000', /clock is \d+ ms behind the/],
    ['-3000', /clock is \d+ ms ahead of the/],
  ])('an exchange %s ms ahead', async (clockAhead, message) => {
    const told = await ask({ clockAhead })
    expect(told.problems.find(({ code }) => code === 'CLOCK_SKEW')?.message).toMatch(message)
  })

  test('a symbol that is not trading yet, and one that does not exist', async () => {
    const told = await ask({ instruments: [preLaunch] }, { symbols: 'BTCUSDT,NEWUSDT,NOUSDT' })
    expect(errorsOf(told)).toEqual(['SYMBOL_NOT_TRADING', 'SYMBOL_UNKNOWN'])
    expect(told.problems.find(({ code }) => code === 'SYMBOL_NOT_TRADING')?.message).toContain('PreLaunch')
  })

  test('a symbol on its way out', async () => {
    const told = await ask({ prepare: arming({ at: 'venue', match: 'BTCUSDT', effect: 'ending' }) })
    expect(errorsOf(told)).toEqual(['SYMBOL_ENDING'])
  })

  test('only whole lots can be ordered: the least order is the next above the least notional', async () => {
    const coarse = { ...preLaunch, symbol: 'BIGUSDT', status: 'Trading', lotSize: '0.5', notionalMin: '120' }
    const order = (value: number) => [`quoting.orderValue=${value}`, 'quoting.positionValueMax=1000']
    // A lot is worth about 100: two of them are the least.
    const small = await ask({ instruments: [coarse] }, { symbols: 'BIGUSDT', set: order(150) })
    expect(errorsOf(small)).toEqual(['ORDER_TOO_SMALL'])
    expect(errorsOf(await ask({ instruments: [coarse] }, { symbols: 'BIGUSDT', set: order(210) }))).toEqual([])
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

/** The exchange answers a read with "permission denied". */
function refusing(match: string) {
  return arming({ at: 'request', match, effect: 'code', retCode: 10005, retMsg: 'Permission denied' })
}

function arming(rule: object) {
  return ({ server }: ExchangeHost): void => {
    const script = faultScript(JSON.stringify({ rules: [rule] }))
    if ('problem' in script) throw new Error(script.problem)
    server.faults.arm(script.rules, script.seed)
  }
}

test.each(['account/info', 'account/wallet-balance', 'account/fee-rate', 'position/list'])(
  'a key that may not read %s: unknown is not fine',
  async (path) => {
    const told = await ask({ prepare: refusing(`/v5/${path}`) }, { set: ['exchange.leverage=10'] })
    expect(errorsOf(told)).toEqual(['ACCOUNT_UNREADABLE'])
    expect(told.problems[0]?.message).toContain(path)
    expect(told.exit).toBe(3)
  },
)

describe('quotas', () => {
  const refuseQuery = refusing('/v5/apilimit/query')
  const single = (perS: number) => ({ places: perS, amends: perS, cancels: perS })

  test.each([
    ['what the exchange states', { tier: 'pro1' }, 'account', 200],
    ['of an ordinary account', {}, 'account', 10],
    ['of the level, when it does not say', { tier: 'vip2', prepare: refuseQuery }, 'level', 40],
    ['as published, when nobody says', { prepare: refuseQuery }, 'published', 10],
  ] as const)('%s', async (_, account, source, perS) => {
    const { asked, exit } = await ask(account)
    expect(asked.quota).toMatchObject({ source, single: single(perS), batch: single(perS) })
    expect(exit).toBe(0)
  })

  test('limits that an ordinary account has not are fine for one that has them', async () => {
    const set = ['risk.placesPerS=200', 'risk.amendsPerS=200']
    expect(errorsOf(await ask({ tier: 'pro1' }, { set }))).toEqual([])
    expect(errorsOf(await ask({ tier: 'vip3' }, { set }))).toEqual(['RATE_OVER_ACCOUNT_QUOTA'])
  })

  test('spot has its own, of which amends are half', async () => {
    const { asked } = await ask({ wallet: { USDT: '100000', BTC: '1' } }, { set: ['exchange.category=spot'] })
    expect(asked.quota).toMatchObject({ single: { places: 20, amends: 10, cancels: 20 }, batch: single(20) })
  })

  test('what moving the quotes needs is compared with single and batch quota, class by class', async () => {
    const fast = ['quoting.lifeMsMin=0', 'quoting.toleranceBps=0', 'quoting.toleranceTicks=0', 'quoting.levelsMax=10']
    const amending = (await ask({}, { set: fast })).problems.filter(({ code }) => code === 'QUOTA_NEED')
    expect(amending.map(({ message }) => message).join()).toMatch(
      /up to \d+\.\d amends of 10 single and 10 in batches \(the quota that/,
    )
    const placing = (await ask({}, { set: [...fast, 'quoting.mayAmend=false'] })).problems
    expect(placing.find(({ code }) => code === 'QUOTA_NEED')?.message).toMatch(
      /places of 10 single and 10 in batches and \d+\.\d cancels of 10 single and 10 in batches/,
    )
    // With the quota of a professional account the configuration itself is what holds them back.
    const codes = (await ask({ tier: 'pro6' }, { set: fast })).problems.map(({ code }) => code)
    expect(codes).toContain('RATE_NEED')
    expect(codes).not.toContain('QUOTA_NEED')
  })

  test.each(['places', 'amends'])('%s that only batches carry are noted', async (kind) => {
    const told = await ask({}, { set: [`risk.${kind}PerS=15`] })
    const note = told.problems.find(({ code }) => code === 'RATE_NEEDS_BATCHES')
    expect(note).toMatchObject({
      severity: 'note',
      message: expect.stringContaining(`risk.${kind}PerS 15 is above the 10`),
    })
  })
})

describe('protection against a bot that falls silent', () => {
  const codesOf = ({ problems }: Told): string[] => problems.map(({ code }) => code)

  test('neither guard nor disconnect protection: told, with the way out', async () => {
    const { problems } = await ask({})
    expect(problems.find(({ code }) => code === 'NO_DISCONNECT_PROTECTION')).toMatchObject({
      severity: 'warning',
      fix: expect.stringContaining('mm guard'),
    })
  })

  test('disconnect protection of the account, of the right product', async () => {
    const arm = (product: string) => (host: ExchangeHost) =>
      post(host, 'order/disconnected-cancel-all', { product, timeWindow: 10 })
    expect(codesOf(await ask({ prepare: arm('DERIVATIVES') }))).not.toContain('NO_DISCONNECT_PROTECTION')
    expect(codesOf(await ask({ prepare: arm('SPOT') }))).toContain('NO_DISCONNECT_PROTECTION')
  })

  test('a guard that answers, which being asked does not arm', async () => {
    const watch = new Watch(3_000)
    const path = join(dir, 'guard.sock')
    const channel = await listenLocal(path, (heartbeat) => watch.hear(heartbeat, performance.now(), Date.now()))
    const told = await ask({}, { set: [`deadman.address=${path}`] })
    channel.close()
    expect(codesOf(told).filter((code) => /GUARD|DISCONNECT/.test(code))).toEqual([])
    expect(watch).toMatchObject({ phase: 'idle', last: null })
  })

  test('a guard on another host, by its key', async () => {
    const keyFile = join(dir, 'guard.key')
    writeFileSync(keyFile, 'k'.repeat(32), { mode: 0o600 })
    const { address, key } = { address: '127.0.0.1', key: Buffer.from('k'.repeat(32)) }
    const watch = new Watch(3_000)
    const channel = await listenUdp(address, 0, key, (heartbeat) =>
      watch.hear(heartbeat, performance.now(), Date.now()),
    )
    const set = [`deadman.address=${channel.where}`, `deadman.keyFile=${keyFile}`]
    expect(codesOf(await ask({}, { set })).filter((code) => /GUARD|DISCONNECT/.test(code))).toEqual([])
    writeFileSync(keyFile, 'x'.repeat(32))
    expect(errorsOf(await ask({}, { set }))).toEqual(['GUARD_SILENT'])
    channel.close()
    expect(watch.phase).toBe('idle')
  })
})

describe('leverage', () => {
  test('as configured, of every symbol', async () => {
    const account = { account: { leverage: '5' } }
    expect(errorsOf(await ask(account, { set: ['exchange.leverage=5'], symbols: 'BTCUSDT,ETHUSDT' }))).toEqual([])
    const told = await ask(account, { set: ['exchange.leverage=7'], symbols: 'BTCUSDT,ETHUSDT' })
    expect(told.problems.find(({ code }) => code === 'LEVERAGE_DIFFERS')?.message).toMatch(/BTCUSDT 5, ETHUSDT 5/)
  })
})

test('spot sells only what the account owns', async () => {
  const set = ['exchange.category=spot']
  const codesOf = async (wallet: object): Promise<string[]> =>
    (await ask({ wallet }, { set })).problems.map(({ code }) => code)
  expect(await codesOf({ USDT: '100000' })).toContain('SPOT_NOTHING_TO_SELL')
  expect(await codesOf({ USDT: '100000', BTC: '1' })).not.toContain('SPOT_NOTHING_TO_SELL')
})

async function post(host: ExchangeHost, path: string, fields: object): Promise<void> {
  const body = JSON.stringify(fields)
  const timestamp = String(Date.now())
  const sign = createHmac('sha256', KEY.apiSecret).update(`${timestamp}${KEY.apiKey}60000${body}`).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-bapi-api-key': KEY.apiKey,
    'x-bapi-timestamp': timestamp,
    'x-bapi-recv-window': '60000',
    'x-bapi-sign': sign,
  }
  const reply = await fetch(`${host.welcome.rest}/v5/${path}`, { method: 'POST', headers, body })
  expect(await reply.json()).toMatchObject({ retCode: 0 })
}

test('nothing at the exchange is changed', async () => {
  const state = parseState(JSON.stringify({ accounts: [{ uid: '7001', wallet: {}, keys: [{ ...KEY }] }] }))
  if ('problem' in state) throw new Error(state.problem)
  const host = await openHost({ port: 0, speed: 1, seed: 7, symbols: [], tier: 'default', state })
  closers.push(() => host.close())
  const before = host.server.exchange.terms.priceLimitAction('7001', 'linear')
  const env = { MM_API_KEY: KEY.apiKey, MM_API_SECRET: KEY.apiSecret }
  const options = { set: [], format: 'json', schema: false, account: true, exchangeUrl: host.welcome.rest } as const
  await validateConfig(options, { env, cwd: dir, version: '0', packs })
  expect(host.server.exchange.terms.priceLimitAction('7001', 'linear')).toBe(before)
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
