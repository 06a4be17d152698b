/**
 * One ledger behind every channel: what the private streams told while a client traded, what REST shows now and the
 * exchange's ground truth must be the same orders, fills, positions and money. Decimal sums, no rounding.
 */
import { Decimal } from 'decimal.js'
import { expect } from 'vitest'
import { signed } from '../exchange/server/harness.ts'
import { frames, rowsOf, type Venue } from './venue.ts'

type Row = Record<string, string>
type Category = 'linear' | 'inverse' | 'spot'

interface TruthAccount {
  readonly inFlight: number
  readonly openOrders: readonly Row[]
  readonly positions: readonly (Row & { readonly category: Category; readonly positionIdx: never })[]
  readonly executions: readonly Row[]
  readonly wallet: Row
}

const CATEGORIES: readonly Category[] = ['linear', 'inverse', 'spot']

/** Tried again when the exchange went on meanwhile: the crowd took a resting order, or a funding hour struck. */
export async function expectAgreement(venue: Venue): Promise<void> {
  const account = await settled(venue)
  await expectAgreementOn(venue, account).catch(async (error: unknown) => {
    if (JSON.stringify(await settled(venue)) === JSON.stringify(account)) throw error
    return expectAgreement(venue)
  })
}

async function expectAgreementOn(venue: Venue, account: TruthAccount): Promise<void> {
  expectOrdersAddUp(venue)
  expectFillsAgree(venue, account)
  await expectOrdersAgree(venue, account)
  await expectPositionsAgree(venue, account)
  await expectMoneyAgrees(venue, account)
}

// Nothing on its way to matching, and the streams have told all of it.
async function settled(venue: Venue): Promise<TruthAccount> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const { accounts } = await venue.truth()
    const account = accounts[0] as unknown as TruthAccount
    const told = new Set(rowsOf(venue.recorder, 'execution').map((row) => row['execId']))
    const last = account.executions.at(-1)
    if (account.inFlight === 0 && (last === undefined || told.has(last['execId'] ?? ''))) return account
  }
  return expect.fail('the streams never told the last fill')
}

/** Of orders whose whole life was told: the fills sum to what the last message of the order says. */
function expectOrdersAddUp({ recorder }: Venue): void {
  const last = new Map(rowsOf(recorder, 'order').map((row) => [row['orderId'], row]))
  const fills = Map.groupBy(onceEach(rowsOf(recorder, 'execution')), (row) => row['orderId'])
  let checked = 0
  for (const [orderId, rows] of fills) {
    const order = last.get(orderId)
    if (order === undefined) continue
    checked++
    for (const [told, counted] of [
      ['cumExecQty', 'execQty'],
      ['cumExecValue', 'execValue'],
      ['cumExecFee', 'execFee'],
    ] as const) {
      expect(sum(rows, counted), `${orderId} ${told}`).toBe(new Decimal(order[told] ?? '').toFixed())
    }
    const { execQty, leavesQty } = rows.at(-1) ?? {}
    expect(new Decimal(execQty ?? 0).gt(0) && new Decimal(leavesQty ?? 0).gte(0)).toBe(true)
  }
  expect(checked).toBeGreaterThan(0)
}

function expectFillsAgree({ recorder }: Venue, account: TruthAccount): void {
  const truth = new Map(account.executions.map((row) => [row['execId'], row]))
  const streamed = onceEach(rowsOf(recorder, 'execution'))
  for (const row of streamed) {
    expect(truth.get(row['execId'])).toMatchObject({
      orderId: row['orderId'],
      price: row['execPrice'],
      size: row['execQty'],
      fee: row['execFee'],
      seq: row['seq'],
    })
  }
  for (const row of rowsOf(recorder, 'execution.fast')) {
    expect(truth.get(row['execId'])).toMatchObject({ price: row['execPrice'], size: row['execQty'], seq: row['seq'] })
  }
  const before = new Map<string, number>()
  for (const { frame, key } of frames(recorder, 'execution')) {
    for (const { seq } of frame['data'] as { seq: number }[]) {
      expect(seq, key).toBeGreaterThanOrEqual(before.get(key) ?? 0)
      before.set(key, seq)
    }
  }
}

async function expectOrdersAgree(venue: Venue, account: TruthAccount): Promise<void> {
  for (const category of CATEGORIES) {
    const coins = category === 'linear' ? ['&settleCoin=USDT', '&settleCoin=USDC'] : ['']
    const pages = await Promise.all(
      coins.map((coin) => read(venue, '/v5/order/realtime', `category=${category}&limit=50${coin}`)),
    )
    const shown = pages.flat().map((row) => row['orderId'])
    const truth = account.openOrders.filter((row) => row['category'] === category).map((row) => row['orderId'])
    expect(new Set(shown)).toEqual(new Set(truth))
    expect(shown.length).toBe(truth.length)
  }
}

async function expectPositionsAgree(venue: Venue, account: TruthAccount): Promise<void> {
  const told = new Map(rowsOf(venue.recorder, 'position').map((row) => [`${row['category']} ${row['symbol']}`, row]))
  for (const { category, symbol = '', size = '', positionIdx } of account.positions) {
    const rows = await read(venue, '/v5/position/list', `category=${category}&symbol=${symbol}`)
    const row = rows.find((one) => one['positionIdx'] === positionIdx)
    // A position that nobody touched since the subscription was never told.
    for (const shown of [row, told.get(`${category} ${symbol}`) ?? row]) {
      const sign = shown?.['side'] === 'Sell' ? -1 : 1
      expect(new Decimal(shown?.['size'] ?? 'NaN').mul(sign).toFixed(), symbol).toBe(new Decimal(size).toFixed())
    }
  }
}

async function expectMoneyAgrees(venue: Venue, account: TruthAccount): Promise<void> {
  const [wallet] = await read(venue, '/v5/account/wallet-balance', 'accountType=UNIFIED')
  const told = rowsOf(venue.recorder, 'wallet').at(-1)
  for (const shown of [wallet, told]) {
    const coins = shown?.['coin'] as unknown as Row[]
    const balances = Object.fromEntries(coins.map(({ coin = '', walletBalance = '' }) => [coin, walletBalance]))
    expect(balances).toEqual(account.wallet)
  }
}

async function read(venue: Venue, path: string, query: string): Promise<Row[]> {
  const headers = signed(query, Date.now(), { apiKey: venue.key, secret: venue.secret, window: '60000' })
  const { retMsg, result } = (await (await fetch(`${venue.rest}${path}?${query}`, { headers })).json()) as {
    retMsg: string
    result: { list?: Row[] }
  }
  return result.list ?? expect.fail(retMsg)
}

/** Several sockets may hear the same fill. */
function onceEach(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row['execId'], row])).values()]
}

const sum = (rows: readonly Row[], name: string): string =>
  rows.reduce((total, row) => total.plus(row[name] ?? 'NaN'), new Decimal(0)).toFixed()
