/** `mm cancel-all` as operators meet it: real processes, real sockets, `/sim/truth` as the judge. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect } from 'vitest'
import { isIntact } from '../../src/core/cancel/request-log.ts'
import { digestOf, type Proof } from '../../src/core/cancel/proof.ts'
import { fullLedger } from './ledger.ts'
import { Pace } from './pace.ts'
import { type Bench, type Ended, type Exchange, ROOT, type Running, test } from './process.ts'

const schema = JSON.parse(readFileSync(join(ROOT, 'docs/reference/cancel-proof.schema.json'), 'utf8'))
const isProof = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema)

// Most of their time these tests wait for T_safe: they run side by side, each in a folder of its own.
const SMALL = { symbols: 1, ordersEach: 40 }

async function fullExchange(desk: Bench, shape = SMALL): Promise<Exchange> {
  return desk.exchange(['--state', desk.file('state.json', JSON.stringify(fullLedger(shape)))])
}

async function standIn(desk: Bench, url: string, manner: string): Promise<Running> {
  const stateDir = join(desk.dir, 'state')
  mkdirSync(stateDir, { recursive: true })
  const running = desk.mm([stateDir, url, manner], {}, 'test/cancel/stand-in.ts')
  await running.out.line()
  return running
}

type Call = readonly [desk: Bench, exchange: Exchange, args?: readonly string[], env?: Record<string, string>]

function cancelAll(...[desk, exchange, args = [], env = exchange.key]: Call): Promise<Ended> {
  const all = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state'), ...args]
  return desk.mm(all, env).ended
}

/** The exchange has seen a request of this name, or any for ''. Fails when the process ends without it. */
async function asked(exchange: Exchange, { child, err }: Running, name: string): Promise<void> {
  for (;;) {
    if (Object.keys((await exchange.truth()).requests).some((seen) => seen.startsWith(name))) return
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it asked: ${err.text}`)
  }
}

/** On a machine so busy that the bot could not answer in time it was stopped by a signal instead, which is as good. */
const isLate = ({ fence }: Proof): boolean => fence.notes.some((note) => note.includes('no answer within'))

function proofIn({ stdout }: Ended): Proof {
  const proof = JSON.parse(stdout) as Proof
  expect(isProof(proof), JSON.stringify(isProof.errors, null, 1)).toBe(true)
  expect(proof.sha256).toBe(digestOf(proof))
  expect(isIntact(proof.requests)).toBe(true)
  return proof
}

describe('5,000 futures orders, conditional orders and positions', () => {
  test('a fenced bot: exit 0, zero by the ledger in every category, a valid proof, within 8 s', async ({ desk }) => {
    const exchange = await fullExchange(desk, { symbols: 10, ordersEach: 500 })
    expect(await exchange.openOrders()).toBeGreaterThan(5_000)
    await standIn(desk, exchange.url, 'answer')
    const path = join(desk.dir, 'proof.json')
    const pace = new Pace()
    const ended = await cancelAll(desk, exchange, ['--json', '--proof', path])
    expect(ended.ms).toBeLessThan(8_000 * (await pace.stop()))
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    const proof = proofIn(ended)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(proof)
    expect(proof).toMatchObject({
      verifiedZero: true,
      uid: '100001',
      fence: { level: isLate(proof) ? 'killed' : 'acked' },
    })
    // A reply that came too late for this machine names nothing; whatever was answered names its orders.
    const lost = proof.requests.filter(({ outcome }) => outcome.startsWith('lost'))
    const told = [...proof.orders.map(({ category }) => category), ...lost.map(({ unit }) => unit.split('/')[0])]
    expect(told).toEqual(expect.arrayContaining(['linear', 'inverse', 'spot', 'option']))
    if (lost.length === 0) {
      expect(proof.orders.length).toBeGreaterThan(5_000)
      expect(proof.orders.some(({ category, isProtective }) => category === 'spot' && isProtective)).toBe(true)
    }
    expect(proof.positions.map(({ symbol }) => symbol).sort()).toEqual(['BTCUSD', 'BTCUSDT'])
  })
})

describe.concurrent('several hands', () => {
  test('two operators at once end in a true zero, both', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const ended = await Promise.all([cancelAll(desk, exchange), cancelAll(desk, exchange)])
    expect([...ended.map(({ code }) => code), await exchange.openOrders()]).toEqual([0, 0, 0])
  })

  test('killed half-way and run again', async ({ desk }) => {
    const exchange = await fullExchange(desk, { symbols: 6, ordersEach: 500 })
    const first = desk.mm(
      ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state')],
      exchange.key,
    )
    await asked(exchange, first, 'POST /v5/order/cancel-all')
    first.child.kill('SIGKILL')
    await first.ended
    const ended = await cancelAll(desk, exchange)
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
  })

  test('a dry run lists what would go and sends no write', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const before = await exchange.openOrders()
    const ended = await cancelAll(desk, exchange, ['--dry-run', '--json'])
    expect(ended.code).toBe(0)
    expect(proofIn(ended).open).toHaveLength(before)
    expect(ended.stderr).toContain('DRY RUN')
    expect(await exchange.openOrders()).toBe(before)
    expect(Object.keys((await exchange.truth()).requests).filter((name) => name.startsWith('POST'))).toEqual([])
  })
})

describe.concurrent('writers of this host', () => {
  const CASES = [
    { manner: 'answer', args: [], exit: 0, level: 'acked', isKilled: false },
    { manner: 'silent', args: [], exit: 0, level: 'killed', isKilled: true },
    { manner: 'deaf', args: [], exit: 0, level: 'killed', isKilled: true },
    { manner: 'silent', args: ['--fence', 'ack'], exit: 10, level: 'none', isKilled: false },
    { manner: 'answer', args: ['--fence', 'none'], exit: 10, level: 'none', isKilled: false },
  ] as const
  test.for(CASES)('$manner $args: exit $exit, $level', async ({ manner, args, exit, level, isKilled }, { desk }) => {
    const exchange = await fullExchange(desk)
    const { child } = await standIn(desk, exchange.url, manner)
    const ended = await cancelAll(desk, exchange, [...args, '--json'])
    const proof = proofIn(ended)
    const isSignalled = isKilled || (level === 'acked' && isLate(proof))
    expect([ended.code, proof.fence.level, await exchange.openOrders()]).toEqual([
      exit,
      isSignalled ? 'killed' : level,
      0,
    ])
    expect(child.signalCode !== null).toBe(isSignalled)
  })

  test('a lock whose pid belongs to another process now: that process is left alone', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const state = join(desk.dir, 'state')
    mkdirSync(state)
    const record = { schemaVersion: 1, pid: process.pid, processStart: 'aaaaaaaa:1', venue: 'paper' }
    const more = { startedMs: 0, exchangeUrl: exchange.url, orderPrefix: 'mm00-', createWindowMs: 1_000 }
    writeFileSync(join(state, 'writer.lock'), JSON.stringify({ ...record, ...more, controlSocket: '' }))
    const ended = await cancelAll(desk, exchange, ['--json'])
    expect([ended.code, proofIn(ended).fence.level]).toEqual([0, 'killed'])
    expect(ended.stderr).toContain(`the last writer (pid ${process.pid}) is gone`)
  })

  test.for([
    ['answer', 0, 'acked'],
    ['silent', 10, 'none'],
  ] as const)('a writer in a container of its own, %s: %i', async ([manner, exit, level], { desk }) => {
    const exchange = await fullExchange(desk)
    await standIn(desk, exchange.url, manner)
    // Its pid means nothing here; its folder is shared.
    const lock = join(desk.dir, 'state', 'writer.lock')
    const record = JSON.parse(readFileSync(lock, 'utf8')) as object
    writeFileSync(lock, JSON.stringify({ ...record, pid: 2 ** 22 + 1 }))
    const ended = await cancelAll(desk, exchange, ['--json'])
    expect([ended.code, proofIn(ended).fence.level]).toEqual([exit, level])
  })

  test('a bot that trades on another exchange is not stopped', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const { child } = await standIn(desk, 'http://127.0.0.1:9', 'silent')
    const ended = await cancelAll(desk, exchange)
    expect([ended.code, child.exitCode, child.signalCode]).toEqual([0, null, null])
  })

  test('a master key makes the bot key read-only', async ({ desk }) => {
    const ledger = fullLedger(SMALL) as { accounts: { keys?: object[] }[] }
    const [account] = ledger.accounts
    const key = (name: string, more: object = {}): object => ({
      apiKey: `${name}Key`,
      apiSecret: `${name}Word`,
      ...more,
    })
    if (account !== undefined) account.keys = [key('bot'), key('ops'), key('top', { master: true })]
    const exchange = await desk.exchange(['--state', desk.file('state.json', JSON.stringify(ledger))])
    const names = { MM_API_KEY: 'bot', MM_EMERGENCY_API_KEY: 'ops', MM_MASTER_API_KEY: 'top' }
    const env = Object.fromEntries(
      Object.entries(names).flatMap(([name, value]) => [
        [name, `${value}Key`],
        [name.replace('_KEY', '_SECRET'), `${value}Word`],
      ]),
    )
    const ended = await cancelAll(desk, exchange, ['--fence', 'revoke', '--json'], env)
    expect([ended.code, proofIn(ended).fence.level, await exchange.openOrders()]).toEqual([0, 'revoked', 0])
    // The bot's key alone may not revoke itself: nothing could cancel then.
    const { MM_EMERGENCY_API_KEY: _, MM_EMERGENCY_API_SECRET: __, ...alone } = env
    const refused = await cancelAll(desk, exchange, ['--fence', 'revoke'], alone)
    expect(refused.stdout).toContain('it is the only key here')
  })
})

describe.concurrent('bad input', () => {
  test('no key: 13, the ways to give one, and the bot of this host is stopped all the same', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    await standIn(desk, exchange.url, 'answer')
    const ended = await cancelAll(desk, exchange, [], {})
    expect(ended.code).toBe(13)
    expect(ended.stderr).toMatch(
      /MM_EMERGENCY_API_KEY[\s\S]*(?:halted; newest create|no answer within .* ended after SIG)/s,
    )
  })

  test('a wrong key: 13 at once, and the key is in no output', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const env = { MM_API_KEY: 'wrongKey0000000001', MM_API_SECRET: ['some', 'thing', 'long'].join('-') }
    const ended = await cancelAll(desk, exchange, ['--json'], env)
    expect(ended.code).toBe(13)
    // At once: not at the deadline of a minute.
    expect(ended.ms).toBeLessThan(30_000)
    expect(ended.stdout + ended.stderr).not.toContain(env.MM_API_KEY)
    expect(ended.stdout + ended.stderr).not.toContain(env.MM_API_SECRET)
    // A right key with a wrong secret: the exchange echoes the signed text with the key in it.
    const other = { MM_API_KEY: exchange.key['MM_API_KEY'] ?? '', MM_API_SECRET: env.MM_API_SECRET }
    const echoed = await cancelAll(desk, exchange, ['--json'], other)
    expect(echoed.code).toBe(13)
    expect(echoed.stdout + echoed.stderr).not.toContain(other.MM_API_KEY)
  })

  test('an unusable emergency key beside a good one: the good one is used', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const env = { ...exchange.key, MM_EMERGENCY_API_KEY: 'expired', MM_EMERGENCY_API_SECRET: 'expired' }
    const ended = await cancelAll(desk, exchange, [], env)
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
  })

  const PERMISSIONS = [
    { why: 'orders there', shape: SMALL, args: [], exit: 11 },
    { why: 'none there', shape: SMALL, args: ['--symbol', 'S0USDT'], exit: 16 },
  ]
  test.for(PERMISSIONS)(
    'a key without spot, $why: $exit, everything else is cancelled',
    async ({ args, exit }, { desk }) => {
      const ledger = fullLedger(SMALL) as { accounts: { keys?: object[] }[] }
      const [account] = ledger.accounts
      if (account !== undefined) account.keys = [{ apiKey: 'half', apiSecret: 'half', permissions: { Spot: [] } }]
      const exchange = await desk.exchange(['--state', desk.file('state.json', JSON.stringify(ledger))])
      const ended = await cancelAll(desk, exchange, ['--json', ...args], { MM_API_KEY: 'half', MM_API_SECRET: 'half' })
      expect(ended.code).toBe(exit)
      expect(proofIn(ended).notPermitted).toEqual({ spot: 10005 })
      const { accounts } = await exchange.truth()
      const open = accounts.flatMap(({ openOrders }) => openOrders).filter(({ symbol }) => symbol === 'S0USDT')
      expect(open).toEqual([])
    },
  )

  const HOSTS = ['https://api.example.com', 'https://bybit.com.evil.example', 'http://api.bybit.com']
  test.for(HOSTS)('the host %s is refused before anything is sent', async (url, { desk }) => {
    const env = { MM_API_KEY: 'k', MM_API_SECRET: 's' }
    const ended = await desk.mm(['cancel-all', '--exchange-url', url], env).ended
    expect(ended.code).toBe(4)
    expect(ended.stderr).toContain('refusing to talk to')
  })

  const USAGE = [
    ['--flatten'],
    ['--flatten', '--yes', '--prefix', 'mm'],
    ['--category', 'futures'],
    ['--deadline', 'soon'],
    ['--symbol', 'btcusdt'],
    ['--resolve', 'here'],
    ['--exchange-url', 'not a url'],
    ['--no-such-flag'],
  ]
  test.for(USAGE.map((args) => ({ args, said: args.join(' ') })))(
    '$said is a usage error',
    async ({ args }, { desk }) => {
      const ended = await desk.mm(['cancel-all', ...args], { MM_API_KEY: 'k', MM_API_SECRET: 's' }).ended
      expect(ended.code).toBe(2)
    },
  )

  test('corrupt latch, unwritable proof, broken configuration: said, and cancelled all the same', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const state = join(desk.dir, 'state')
    mkdirSync(state)
    writeFileSync(join(state, 'HALT'), '{"half')
    desk.file('mm.yaml', '{ this is: [not, yaml')
    const ended = await cancelAll(desk, exchange, ['--proof', '/proc/no/such.json'])
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(ended.stdout).toContain('proof not written to /proc/no/such.json')
    expect(JSON.parse(ended.stderr)).toMatchObject({ verifiedZero: true })
    expect(JSON.parse(readFileSync(join(state, 'HALT'), 'utf8'))).toMatchObject({ by: 'cancel-all' })
  })

  test('a state folder that cannot be written: said, and cancelled all the same', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', '/proc/no-state']
    const ended = await desk.mm(args, exchange.key).ended
    expect([ended.code, await exchange.openOrders()]).toEqual([0, 0])
    expect(ended.stdout).toContain('HALT latch not written')
  })

  test('nobody listens: 14', async ({ desk }) => {
    const env = { MM_API_KEY: 'k', MM_API_SECRET: 's' }
    const args = ['cancel-all', '--exchange-url', 'http://127.0.0.1:9', '--deadline', '1s', '--json']
    const ended = await desk.mm([...args, '--state-dir', join(desk.dir, 'state')], env).ended
    expect(ended.code).toBe(14)
    expect(proofIn(ended).verifiedZero).toBe(false)
  })

  test('a closed pipe and a hang-up do not stop it', async ({ desk }) => {
    const exchange = await fullExchange(desk, { symbols: 4, ordersEach: 500 })
    const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state')]
    const running = desk.mm(args, exchange.key)
    const { child, ended } = running
    child.stdout?.destroy()
    child.stderr?.destroy()
    await asked(exchange, running, 'POST /v5/order/cancel-all')
    child.kill('SIGHUP')
    child.kill('SIGINT')
    expect([(await ended).code, await exchange.openOrders()]).toEqual([0, 0])
  })

  test('interrupted twice: 12 within a second', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    await exchange.post('/sim/faults', { rules: [{ at: 'request', match: '/v5/', effect: 'lose' }] })
    const args = ['cancel-all', '--exchange-url', exchange.url, '--state-dir', join(desk.dir, 'state')]
    const running = desk.mm(args, exchange.key)
    const { child, ended } = running
    await asked(exchange, running, '')
    child.kill('SIGINT')
    await running.err.line((line) => line.includes('interrupt again'))
    const pace = new Pace()
    const fromMs = performance.now()
    child.kill('SIGINT')
    expect((await ended).code).toBe(12)
    const tookMs = performance.now() - fromMs
    expect(tookMs).toBeLessThan(1_500 * (await pace.stop()))
  })

  test('this address is banned: 15 at once, with what to do', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    await exchange.post('/sim/faults', { rules: [{ at: 'request', match: '/v5/', effect: 'ban', delayMs: 600_000 }] })
    const ended = await cancelAll(desk, exchange)
    expect(ended.code).toBe(15)
    expect(ended.stdout).toContain('from another address')
    expect(ended.ms).toBeLessThan(30_000)
  })
})

describe.concurrent('closing positions', () => {
  test('--flatten --yes closes them with reduce-only slices after the zero', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const ended = await cancelAll(desk, exchange, ['--flatten', '--yes', '--json'])
    expect(ended.code).toBe(0)
    expect(proofIn(ended).flattened.map(({ symbol, left }) => [symbol, left])).toEqual(
      expect.arrayContaining([
        ['BTCUSDT', '0'],
        ['BTCUSD', '0'],
      ]),
    )
    const sizes = (await exchange.truth()).accounts.flatMap(({ positions }) =>
      positions.map(({ size }) => Number(size)),
    )
    expect(sizes.filter((size) => size !== 0)).toEqual([])
    expect(ended.stderr).toMatch(/positions: none\s*$/)
  })
})
