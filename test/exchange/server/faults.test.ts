/** Scripted faults: each effect at each place, counts, windows and seeds; what landed is judged by the ledger. */
import { describe, expect, test } from 'vitest'
import { DEFAULT_UID } from '../../../src/core/exchange/sim/server/embedded.ts'
import { faultRules, faultScript } from '../../../src/core/exchange/sim/server/fault-input.ts'
import { FAULT_SCENARIOS } from '../../../src/core/exchange/sim/server/fault-scenarios.ts'
import { FAULT_EFFECTS, FAULT_PLACES, type FaultRule } from '../../../src/core/exchange/sim/server/faults.ts'
import { Listener, rig, type Rig, type Row, stillMarkets } from './harness.ts'

const ORDER = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '61000' }
const CREATE = '/v5/order/create'

function faulty(...rules: Partial<FaultRule>[]): Rig {
  return rig({ markets: stillMarkets(), faults: { rules: faultRules(rules) } })
}

async function landed(world: Rig): Promise<number> {
  await world.client.run(5_000_000)
  return world.server.exchange.openOrders(DEFAULT_UID).length
}

describe('HTTP', () => {
  const match = 'order/create'
  const rows: [string, Partial<FaultRule>, { status?: number; code?: number; error?: string }, number][] = [
    ['request lost', { at: 'request', effect: 'lose' }, { error: 'timeout' }, 0],
    ['reply lost after landing', { at: 'reply', effect: 'lose' }, { error: 'timeout' }, 1],
    ['reset before', { at: 'request', effect: 'reset' }, { error: 'reset' }, 0],
    ['reset after landing', { at: 'reply', effect: 'reset' }, { error: 'reset' }, 1],
    ['refused before', { at: 'request', effect: 'code', retCode: 10006 }, { status: 200, code: 10006 }, 0],
    ['timeout code after landing', { at: 'reply', effect: 'code', retCode: 10000 }, { status: 200, code: 10000 }, 1],
    ['502 page before', { at: 'request', effect: 'html', status: 502 }, { status: 502 }, 0],
    ['200 page after landing', { at: 'reply', effect: 'html', status: 200 }, { status: 200 }, 1],
    ['landing late', { at: 'request', effect: 'delay', delayMs: 2_000 }, { status: 200, code: 0 }, 1],
  ]
  test.each(rows)('%s', async (_name, rule, expected, orders) => {
    const world = faulty({ ...rule, match, count: 1 })
    const answer = await world.client.post(CREATE, ORDER).catch((error: Error & { reason?: string }) => error)
    if (answer instanceof Error) expect(answer.reason).toBe(expected.error)
    else {
      expect(answer.status).toBe(expected.status)
      if (expected.code !== undefined) expect(answer.code).toBe(expected.code)
      else expect(() => answer.json).toThrow(SyntaxError)
    }
    expect(await landed(world)).toBe(orders)
    expect((await world.client.post(CREATE, ORDER)).code).toBe(0)
  })
})

describe('order entry by socket', () => {
  const header = { 'X-BAPI-TIMESTAMP': '1760000000000', 'X-BAPI-RECV-WINDOW': '600000' }

  test.each<[string, Partial<FaultRule>, Row | undefined, number]>([
    ['request lost', { at: 'request', effect: 'lose' }, undefined, 0],
    ['reply lost after landing', { at: 'reply', effect: 'lose' }, undefined, 1],
    ['code after landing', { at: 'reply', effect: 'code', retCode: 10016 }, { retCode: 10016 }, 1],
    ['restart', { at: 'request', effect: 'code', retCode: 10019 }, { retCode: 10019 }, 0],
  ])('%s', async (_name, rule, expected, orders) => {
    const world = faulty({ ...rule, match: 'WS order.create', count: 1 })
    const trade = new Listener(world, '/v5/trade')
    await trade.auth()
    const ack = await trade.say({ op: 'order.create', reqId: 'f', header, args: [ORDER] })
    if (expected === undefined) expect(ack).toBeUndefined()
    else expect(ack).toMatchObject(expected)
    expect(await landed(world)).toBe(orders)
  })
})

test.each<[string, Partial<FaultRule>, number]>([
  ['before', { at: 'request' }, 0],
  ['after landing', { at: 'reply' }, 1],
])('a trade socket breaks %s', async (_name, rule, orders) => {
  const world = faulty({ ...rule, effect: 'reset', match: 'WS order.create', count: 1 })
  const trade = new Listener(world, '/v5/trade')
  await trade.auth()
  const header = { 'X-BAPI-TIMESTAMP': String(world.client.nowMs()) }
  await trade.say({ op: 'order.create', header, args: [ORDER] })
  expect(trade.closes).toEqual([[1006, 'connection reset']])
  expect(await landed(world)).toBe(orders)
})

describe('streams', () => {
  async function executionsHeard(rule: Partial<FaultRule>): Promise<Row[]> {
    const world = faulty({ at: 'push', match: 'execution', ...rule })
    const listener = new Listener(world, '/v5/private')
    await listener.auth()
    await listener.say({ op: 'subscribe', args: ['execution', 'order'] })
    await world.client.post(CREATE, { ...ORDER, orderType: 'Market' })
    await world.client.run(1_000_000)
    expect(listener.of('order')).toHaveLength(1)
    return listener.of('execution')
  }

  test('lost, doubled, late', async () => {
    expect(await executionsHeard({ effect: 'lose' })).toEqual([])
    const [one, two] = await executionsHeard({ effect: 'double' })
    expect(two).toEqual(one)
    expect(await executionsHeard({ effect: 'delay', delayMs: 900 })).toHaveLength(1)
    expect(await executionsHeard({ effect: 'delay', delayMs: 1_100 })).toEqual([])
  })
})

describe('rules', () => {
  test('skip, count and window', async () => {
    const world = faulty({
      at: 'request',
      match: 'create',
      effect: 'code',
      retCode: 10016,
      skip: 1,
      count: 2,
      untilMs: 60_000,
    })
    const codes = []
    for (let i = 0; i < 5; i++) codes.push((await world.client.post(CREATE, ORDER)).code)
    expect(codes).toEqual([0, 10016, 10016, 0, 0])
    const later = faulty({ at: 'request', match: 'create', effect: 'code', retCode: 10016, fromMs: 1_000 })
    expect((await later.client.post(CREATE, ORDER)).code).toBe(0)
    await later.client.run(1_000_000)
    expect((await later.client.post(CREATE, ORDER)).code).toBe(10016)
  })

  test('the same seed bites at the same requests', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const world = rig({
        seed,
        markets: stillMarkets(),
        faults: { rules: faultRules([{ at: 'request', effect: 'code', retCode: 10016, probability: 0.5 }]) },
      })
      const codes: number[] = []
      for (let i = 0; i < 30; i++) codes.push((await world.client.get('/v5/market/time', '', null)).code)
      return codes
    }
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  test('POST /sim/faults arms and replaces, GET shows how often each has bitten', async () => {
    const { client } = faulty()
    const rule = { at: 'request', match: 'create', effect: 'code', retCode: 10016 }
    const arm = (rules: unknown) => client.send('POST', '/sim/faults', {}, JSON.stringify({ rules, seed: 3 }))
    expect((await arm([rule])).status).toBe(200)
    expect((await client.post(CREATE, ORDER)).code).toBe(10016)
    const state = JSON.parse((await client.send('GET', '/sim/faults', {}, '')).body)
    expect(state.rules).toMatchObject([{ bites: 1, rule: { effect: 'code' } }])
    await arm([])
    expect((await client.post(CREATE, ORDER)).code).toBe(0)
  })

  test.each([
    ['{', 'not JSON'],
    ['{}', 'rules must be a list'],
    ['{"rules":[1]}', 'rules[0]: must be an object'],
    ['{"rules":[{"at":"moon"}]}', `rules[0]: at must be one of ${FAULT_PLACES.join(', ')}`],
    ['{"rules":[{"effect":"burn"}]}', `rules[0]: effect must be one of ${FAULT_EFFECTS.join(', ')}`],
    ['{"rules":[{"count":"2"}]}', 'rules[0]: count must be a whole number from 0 to 9007199254740991'],
    ['{"rules":[{"status":99999,"effect":"html"}]}', 'rules[0]: status must be a whole number from 200 to 599'],
    ['{"rules":[{"status":0,"effect":"html"}]}', 'rules[0]: status must be a whole number from 200 to 599'],
    ['{"rules":[{"delayMs":1e308}]}', 'rules[0]: delayMs must be a number from 0 to 86400000'],
    ['{"rules":[{"probability":2}]}', 'rules[0]: probability must be a number from 0 to 1'],
    ['{"rules":[{"skip":0.5}]}', 'rules[0]: skip must be a whole number from 0 to 9007199254740991'],
    ['{"rules":[{"chance":1}]}', 'rules[0]: unknown field chance'],
    ['{"rules":[],"seed":"x"}', 'seed must be an integer'],
  ])('%s → %s', (text, problem) => {
    expect(faultScript(text)).toEqual({ problem })
  })

  test.each(FAULT_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'scenario %s is a valid script',
    (_name, scenario) => {
      expect(faultScript(JSON.stringify({ rules: scenario.rules }))).not.toHaveProperty('problem')
      expect(scenario.doc.length).toBeGreaterThan(10)
    },
  )
})
