/** `mm guard` beside a bot that dies, hangs or ends, with the simulated exchange as the judge. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { readLatch } from '../../src/core/latch.ts'
import { fullLedger } from '../cancel/ledger.ts'
import { Pace } from '../cancel/pace.ts'
import { type Bench, type Exchange, type Running, test } from '../cancel/process.ts'

type Line = Readonly<Record<string, unknown>>

interface Guarding {
  readonly running: Running
  /** The next line of this type. */
  line(type: string): Promise<Line>
}

/** Silence of three seconds fires, unless `args` say otherwise: so short only where it has to fire. */
function guard(desk: Bench, args: readonly string[], env: Record<string, string>): Guarding {
  const ttl = args.includes('--ttl') ? [] : ['--ttl', '3s']
  const running = desk.mm(['guard', '--json', ...ttl, '--state-dir', join(desk.dir, 'state'), ...args], env)
  return { running, line: (type) => running.out.json<Line>((line) => line['type'] === type) }
}

interface BotAt {
  readonly address: string
  readonly keyFile?: string
  readonly exchange: Exchange
  readonly isHere?: boolean
  readonly folder?: string
}

async function bot(desk: Bench, at: BotAt) {
  const stateDir = at.isHere === false ? '' : join(desk.dir, at.folder ?? 'state')
  const args = [at.address, at.keyFile ?? '', at.exchange.url, stateDir]
  const running = desk.mm(args, {}, 'test/deadman/bot.ts')
  return { running, said: await running.out.line() }
}

async function fullExchange(desk: Bench): Promise<Exchange> {
  mkdirSync(join(desk.dir, 'state'), { recursive: true })
  return desk.exchange([
    '--state',
    desk.file('state.json', JSON.stringify(fullLedger({ symbols: 1, ordersEach: 200 }))),
  ])
}

/** A webhook that keeps what it is told. */
async function webhook(): Promise<{ url: string; next: () => Promise<Line>; close: () => void }> {
  const told: Line[] = []
  const waiting: ((line: Line) => void)[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const line = JSON.parse(text) as Line
      const found = waiting.shift()
      if (found === undefined) told.push(line)
      else found(line)
      response.end()
    })
  })
  const next = (): Promise<Line> => {
    const line = told.shift()
    return line === undefined ? new Promise((found) => waiting.push(found)) : Promise.resolve(line)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/hook`, next, close: () => server.close() }
}

describe.concurrent('a bot of this host', () => {
  test('kill -9: zero by the ledger within the TTL and five seconds, and people are told', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const hook = await webhook()
    const { line } = guard(desk, ['--alert', hook.url], exchange.key)
    await line('listening')
    const { running } = await bot(desk, { address: join(desk.dir, 'state', 'guard.sock'), exchange })
    await line('armed')
    expect(await line('self-test')).toMatchObject({ exit: 0 })
    const pace = new Pace()
    running.child.kill('SIGKILL')
    await running.ended
    const diedMs = performance.now()
    await line('firing')
    while ((await exchange.openOrders()) > 0) await new Promise((resolve) => setImmediate(resolve))
    const tookMs = performance.now() - diedMs
    expect(tookMs).toBeLessThan((3_000 + 5_000) * (await pace.stop()))
    expect(await line('fired')).toMatchObject({ exit: 0 })
    expect(await exchange.openOrders()).toBe(0)
    const texts = [(await hook.next())['text'], (await hook.next())['text']]
    expect(texts).toEqual([expect.stringMatching(/^no heartbeat for \d/), 'fired: zero open orders, verified'])
    hook.close()
  })

  test('a bot that hangs is killed, so that it cannot wake up and go on', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const { line } = guard(desk, [], exchange.key)
    await line('listening')
    const { running } = await bot(desk, { address: join(desk.dir, 'state', 'guard.sock'), exchange })
    await line('armed')
    running.child.kill('SIGSTOP')
    expect(await line('fired')).toMatchObject({ exit: 0 })
    await running.ended
    expect([running.child.signalCode, await exchange.openOrders()]).toEqual(['SIGKILL', 0])
  })

  test('a bot with a state folder of its own: its process is killed, its latch is set', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    mkdirSync(join(desk.dir, 'own'))
    const { line } = guard(desk, [], exchange.key)
    await line('listening')
    const { running } = await bot(desk, { address: join(desk.dir, 'state', 'guard.sock'), exchange, folder: 'own' })
    await line('armed')
    running.child.kill('SIGSTOP')
    expect(await line('fired')).toMatchObject({ exit: 0 })
    await running.ended
    expect([running.child.signalCode, await exchange.openOrders()]).toEqual(['SIGKILL', 0])
    expect(readLatch(join(desk.dir, 'own'))).toMatchObject({ state: 'halted', record: { by: 'guard' } })
  })

  test('a bot that ends in order disarms it: nothing is cancelled', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    // So long that no busy machine makes it fire.
    const { line, running: guarding } = guard(desk, ['--ttl', '10m'], exchange.key)
    await line('listening')
    const { running } = await bot(desk, { address: join(desk.dir, 'state', 'guard.sock'), exchange })
    await line('armed')
    running.child.kill('SIGUSR2')
    expect((await running.ended).stdout).toContain('stopped true')
    await line('idle')
    guarding.child.kill('SIGTERM')
    expect((await guarding.ended).code).toBe(0)
    expect((await exchange.truth()).requests['POST /v5/order/cancel-all']).toBeUndefined()
  })

  test('an exchange out of reach: tries again until it is back', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const hook = await webhook()
    // Silence long enough that it fires only when the bot is dead, with the exchange out of reach already.
    const { line } = guard(desk, ['--ttl', '8s', '--alert', hook.url, '--deadline', '1s'], exchange.key)
    await line('listening')
    const { running } = await bot(desk, { address: join(desk.dir, 'state', 'guard.sock'), exchange })
    await line('armed')
    await line('self-test')
    await exchange.post('/sim/faults', { rules: [{ at: 'request', match: '/v5/', effect: 'lose' }] })
    running.child.kill('SIGKILL')
    expect(await line('failed')).toMatchObject({ exit: 14 })
    await exchange.post('/sim/faults', { rules: [] })
    // One second a try is too short for T_safe: it gets as far as the orders, on a slow machine not with the first.
    do await line('failed')
    while ((await exchange.openOrders()) > 0)
    const texts = [(await hook.next())['text'], (await hook.next())['text']]
    expect(texts[1]).toBe('fired: cancel-all ended with exit code 14; trying again')
    hook.close()
  })

  test('a second guard on the same socket is refused; a bot without its guard does not start', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const address = join(desk.dir, 'state', 'guard.sock')
    const lonely = await bot(desk, { address, exchange })
    expect(lonely.said).toContain('no guard answers')
    expect((await lonely.running.ended).code).toBe(4)
    const { line } = guard(desk, ['--ttl', '10m'], exchange.key)
    await line('listening')
    const second = guard(desk, [], exchange.key)
    expect((await second.running.ended).code).toBe(4)
  })
})

describe.concurrent('a bot of another host', () => {
  test('signed heartbeats arm it; silence fires, and 10 says that the bot was not stopped', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const keyFile = join(desk.dir, 'guard.key')
    writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 })
    const { line } = guard(desk, ['--listen', '127.0.0.1:0', '--key-file', keyFile], exchange.key)
    const where = String((await line('listening'))['where'])
    const { running } = await bot(desk, { address: where, keyFile, exchange, isHere: false })
    await line('armed')
    // What another bot once left on the guard's own host is not the lock of this one.
    const left = { schemaVersion: 1, pid: 2 ** 22 + 1, processStart: 'aaaaaaaa:1', controlSocket: '', venue: 'paper' }
    writeFileSync(join(desk.dir, 'state', 'writer.lock'), JSON.stringify({ ...left, exchangeUrl: exchange.url }))
    running.child.kill('SIGKILL')
    expect(await line('fired')).toMatchObject({ exit: 10 })
    expect(await exchange.openOrders()).toBe(0)
  })

  test('another key arms nothing', async ({ desk }) => {
    const exchange = await fullExchange(desk)
    const [good, bad] = ['good.key', 'bad.key'].map((name) => join(desk.dir, name))
    writeFileSync(good ?? '', Buffer.alloc(32, 7), { mode: 0o600 })
    writeFileSync(bad ?? '', Buffer.alloc(32, 8), { mode: 0o600 })
    const { line } = guard(desk, ['--ttl', '10m', '--listen', '127.0.0.1:0', '--key-file', good ?? ''], exchange.key)
    const where = String((await line('listening'))['where'])
    const { said } = await bot(desk, { address: where, keyFile: bad ?? '', exchange, isHere: false })
    expect(said).toContain('no guard answers')
  })
})

describe.concurrent('bad input', () => {
  const CASES = [
    ['--ttl', '2s'],
    ['--ttl', 'soon'],
    ['--listen', '127.0.0.1:0'],
    ['--listen', 'nowhere', '--key-file', '/dev/null'],
    ['--listen', '127.0.0.1:0', '--key-file', '/no/such/key'],
    ['--alert', 'file:///etc/passwd'],
    ['--socket', '/dev/null/guard.sock'],
  ]
  test.for(CASES.map((args) => ({ args, said: args.join(' ') })))('$said: exit 2', async ({ args }, { desk }) => {
    const ended = await desk.mm(['guard', ...args], { MM_API_KEY: 'k', MM_API_SECRET: 's' }).ended
    expect(ended.code).toBe(2)
  })
})
