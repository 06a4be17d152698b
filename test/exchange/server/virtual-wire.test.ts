/** The virtual network: order, latency, loss, time-outs, crash and determinism, against a tiny echo server. */
import { expect, test } from 'vitest'
import { timeUs } from '../../../src/core/domain/units.ts'
import { VirtualNetwork } from '../../../src/core/exchange/virtual-wire.ts'
import type { HttpReply, ServerPeer, WireServer } from '../../../src/core/exchange/wire.ts'

const START = timeUs(1_700_000_000_000_000)
const OK: HttpReply = { status: 200, headers: {}, body: '{}' }

/** Echoes frames, answers HTTP after `thinkUs` (null: never), ticks every millisecond while `ticks` last. */
class Echo implements WireServer {
  readonly log: string[] = []
  readonly peers: ServerPeer[] = []
  nowUs = 0
  thinkUs: number | null = 0
  private due: { atUs: number; run: () => void }[] = []

  http(request: { target: string }, _remote: unknown, reply: (reply: HttpReply | 'reset') => void): void {
    this.log.push(`${this.nowUs - START} ${request.target}`)
    if (this.thinkUs === null) return
    if (request.target === '/reset') return reply('reset')
    this.due.push({ atUs: this.nowUs + this.thinkUs, run: () => reply(OK) })
  }

  accept(path: string, _remote: unknown, peer: ServerPeer): ReturnType<WireServer['accept']> {
    if (path === '/refused') return { refuse: 404 }
    this.peers.push(peer)
    peer.send('hello')
    return {
      message: (text) => peer.send(`${this.nowUs - START} ${text}`),
      closed: () => this.log.push(`${this.nowUs - START} closed`),
    }
  }

  nextUs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.due.map((one) => one.atUs))
  }

  advance(nowUs: number): void {
    this.nowUs = nowUs
    const ready = this.due.filter((one) => one.atUs <= nowUs)
    this.due = this.due.filter((one) => one.atUs > nowUs)
    for (const one of ready) one.run()
  }
}

const request = (target: string, timeoutMs = 1_000) =>
  ({ method: 'GET', target, headers: {}, body: '', timeoutMs }) as const

function client(legs = { up: () => 100, down: () => 200 }) {
  const server = new Echo()
  const network = new VirtualNetwork(server, START)
  const wire = network.wire({ legs })
  const heard: string[] = []
  const at = (): number => network.nowUs() - START
  const listen = (path: string) =>
    wire.connect(path, {
      open: () => heard.push(`${at()} open`),
      message: (bytes, atUs) => heard.push(`${atUs - START} ${bytes.toString()}`),
      close: (code) => heard.push(`${at()} close ${code}`),
    })
  return { server, network, wire, heard, at, listen }
}

test('frames take the legs of their direction and open comes before what the server says first', async () => {
  const { network, heard, listen } = client()
  const socket = listen('/v5/private')
  socket.send('a')
  await network.run(START + 1_000)
  expect(heard).toEqual(['300 open', '300 hello', '300 100 a'])
})

test('frames of one socket never overtake each other, whatever latency is drawn', async () => {
  const draws = [500, 10, 300, 10]
  const { network, heard, listen } = client({ up: () => draws.shift() ?? 0, down: () => draws.shift() ?? 0 })
  const socket = listen('/v5/private')
  socket.send('first')
  socket.send('second')
  await network.run(START + 10_000)
  expect(heard.map((line) => line.split(' ').at(-1))).toEqual(['open', 'hello', 'first', 'second'])
})

test('an HTTP reply arrives after up leg, thinking and down leg, and awaits cost no time', async () => {
  const { server, network, wire, at } = client()
  server.thinkUs = 50
  const twice = async (): Promise<number> => {
    await wire.http(request('/one'))
    for (let hop = 0; hop < 20; hop++) await Promise.resolve()
    await wire.http(request('/two'))
    return at()
  }
  expect(await network.complete(twice(), START + 10_000)).toBe(700)
  expect(server.log).toEqual(['100 /one', '450 /two'])
})

test('a reply that never comes is a time-out, a dropped connection a reset', async () => {
  const { server, network, wire, at } = client()
  await expect(network.complete(wire.http(request('/reset')), START + 1e7)).rejects.toMatchObject({ reason: 'reset' })
  server.thinkUs = null
  const lost = wire.http(request('/lost', 250))
  await expect(network.complete(lost, START + 1e7)).rejects.toMatchObject({ name: 'WireError', reason: 'timeout' })
  expect(at()).toBe(300 + 250_000)
})

test('a refused socket closes without opening; close tells both ends once', async () => {
  const { server, network, heard, listen } = client()
  listen('/refused')
  const socket = listen('/v5/private')
  await network.run(START + 1_000)
  socket.close()
  socket.close()
  socket.send('unheard')
  await network.run(START + 2_000)
  expect(heard).toEqual(['300 close 1006', '300 open', '300 hello', '1000 close 1000'])
  expect(server.log).toEqual(['1100 closed'])
})

test('an infinite leg loses everything behind it: a half-open socket', async () => {
  let down = 10
  const { server, network, heard, listen } = client({ up: () => 10, down: () => down })
  const socket = listen('/v5/private')
  await network.run(START + 100)
  down = Number.POSITIVE_INFINITY
  socket.send('lost')
  await network.run(START + 200)
  down = 10
  server.peers[0]?.send('behind the lost one')
  await network.run(START + 300)
  expect(heard).toEqual(['20 open', '20 hello'])
})

test('a crashed client hears nothing more and its sockets close at the server', async () => {
  const { server, network, wire, heard, listen } = client()
  const socket = listen('/v5/private')
  await network.run(START + 500)
  wire.after(100, () => heard.push('timer'))
  void wire.http(request('/landing')).then(() => heard.push('reply'))
  socket.send('last words')
  wire.crash()
  await network.run(START + 5_000)
  expect(heard).toEqual(['300 open', '300 hello'])
  expect(server.log).toEqual(['600 /landing', '600 closed'])
})

test('timers fire in order of time, then of setting; a cancelled one does not', async () => {
  const { network, wire } = client()
  const fired: string[] = []
  wire.after(20, () => fired.push('c'))
  wire.after(10, () => fired.push('a'))
  const gone = wire.after(10, () => fired.push('x'))
  wire.after(10, () => fired.push('b'))
  wire.cancelTimer(gone)
  await network.run(START + 15)
  expect(fired).toEqual(['a', 'b'])
  await network.run(START + 20)
  expect(fired).toEqual(['a', 'b', 'c'])
})

test('a hold stops virtual time until real work is done', async () => {
  const { network, wire } = client()
  const order: string[] = []
  wire.after(10, () => {
    const release = network.hold()
    setImmediate(() => {
      order.push('real work')
      release()
    })
  })
  wire.after(11, () => order.push('next event'))
  await network.run(START + 100)
  expect(order).toEqual(['real work', 'next event'])
})

test('work that nothing due can settle is a failed belief, not a hang', async () => {
  const { network } = client()
  await expect(network.complete(new Promise(() => {}), START + 1e9)).rejects.toThrow('nothing due before')
})

test('a clock offset moves what the client reads, not when things happen', async () => {
  const network = new VirtualNetwork(new Echo(), START)
  const wire = network.wire({ clockOffsetUs: 5_000_000 })
  const seen: number[] = []
  wire.after(100, () => seen.push(wire.nowUs() - START))
  await network.run(START + 100)
  expect(seen).toEqual([5_000_100])
})
