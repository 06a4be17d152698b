/** Keys of several accounts, and keys of none but the wrong one: a zero is said of the account it holds for. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test as plainTest } from 'vitest'
import type { Proof } from '../../src/core/cancel/proof.ts'
import { Bench, type Ended, type Exchange } from './process.ts'

const test = plainTest.extend<{ desk: Bench }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures of a fixture from this pattern
  desk: async ({}, use) => {
    const desk = new Bench()
    await use(desk)
    await desk.close()
  },
})

const account = (uid: string, name: string): object => ({
  uid,
  wallet: { USDT: '1000000' },
  keys: [{ apiKey: `${name}Key`, apiSecret: `${name}Word` }],
  orders: [
    {
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.01',
      price: '50000',
      count: 5,
      priceStep: '-1',
    },
  ],
})

const BOT = { MM_API_KEY: 'botKey', MM_API_SECRET: 'botWord' }
const OTHER = { MM_EMERGENCY_API_KEY: 'otherKey', MM_EMERGENCY_API_SECRET: 'otherWord' }

async function twoAccounts(desk: Bench): Promise<Exchange> {
  const ledger = { accounts: [account('100001', 'bot'), account('200002', 'other')] }
  return desk.exchange(['--state', desk.file('ledger.json', JSON.stringify(ledger))])
}

async function openOf({ truth }: Exchange): Promise<Record<string, number>> {
  const { accounts } = await truth()
  return Object.fromEntries(accounts.map(({ uid, openOrders }) => [uid, openOrders.length]))
}

function cancelAll(desk: Bench, { url }: Exchange, env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return desk.mm(['cancel-all', '--exchange-url', url, '--state-dir', join(desk.dir, 'state'), ...args], env).ended
}

describe.concurrent('an emergency key of another account than the bot’s', () => {
  test('both keys at hand: both accounts are cancelled, each with a proof of its own', async ({ desk }) => {
    const exchange = await twoAccounts(desk)
    const ended = await cancelAll(desk, exchange, { ...BOT, ...OTHER })
    expect([ended.code, await openOf(exchange)]).toEqual([0, { 100001: 0, 200002: 0 }])
    for (const uid of ['100001', '200002']) expect(ended.stdout).toMatch(new RegExp(`ZERO OPEN.*account ${uid}`))
    expect(readdirSync(join(desk.dir, 'state', 'proofs'))).toHaveLength(2)
  })

  test('one of them may only look: its account decides, and is the document', async ({ desk }) => {
    const bot = { ...account('100001', 'bot'), keys: [{ apiKey: 'botKey', apiSecret: 'botWord', readOnly: true }] }
    const ledger = { accounts: [bot, account('200002', 'other')] }
    const exchange = await desk.exchange(['--state', desk.file('ledger.json', JSON.stringify(ledger))])
    const ended = await cancelAll(desk, exchange, { ...BOT, ...OTHER }, ['--json', '--deadline', '20s'])
    const { uid, exitCode, open } = JSON.parse(ended.stdout) as Proof
    expect([ended.code, exitCode, uid, open.length]).toEqual([13, 13, '100001', 5])
    expect(await openOf(exchange)).toEqual({ 100001: 5, 200002: 0 })
  })

  test('it alone, and the lock names the bot’s account: 16, and which', async ({ desk }) => {
    const exchange = await twoAccounts(desk)
    mkdirSync(join(desk.dir, 'state'))
    const record = { schemaVersion: 1, pid: 2 ** 22 + 1, processStart: 'aaaaaaaa:1', controlSocket: '', venue: 'paper' }
    const lock = JSON.stringify({ ...record, exchangeUrl: exchange.url, uid: '100001' })
    writeFileSync(join(desk.dir, 'state', 'writer.lock'), lock)
    const ended = await cancelAll(desk, exchange, OTHER)
    expect([ended.code, await openOf(exchange)]).toEqual([16, { 100001: 5, 200002: 0 }])
    expect(ended.stdout).toContain(MISSED)
  })

  test.for([{ end: 'alive' }, { end: 'killed' }])(
    'a bot that was started without --arm ($end): its lock names its account, too',
    async ({ end }, { desk }) => {
      const exchange = await twoAccounts(desk)
      const state = join(desk.dir, 'state')
      const flags = ['--state-dir', state, '--metrics', 'off', '--no-ui', '--json']
      const bot = desk.mm(['trade', '--exchange-url', exchange.url, ...flags], BOT)
      await bot.out.line((line) => line.includes('"type":"start"'))
      const lock = readFileSync(join(state, 'writer.lock'), 'utf8')
      expect(JSON.parse(lock)).toMatchObject({ pid: bot.child.pid, uid: '100001' })
      if (end === 'killed') {
        bot.child.kill('SIGKILL')
        await bot.ended
      }
      const ended = await cancelAll(desk, exchange, OTHER)
      expect([ended.code, (await openOf(exchange))['200002']]).toEqual([16, 0])
      expect(ended.stdout).toContain(MISSED)
    },
  )
})

const MISSED = 'the bot of this host trades on account 100001, and no key here is of that account'
