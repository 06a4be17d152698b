/**
 * Order book frames as they travel: what the simulated exchange sends to a subscriber of orderbook.50, byte for byte, and
 * frames of a chosen size for the table of sizes.
 */
import { Prng } from '../../src/core/domain/prng.ts'
import { timeUs } from '../../src/core/domain/units.ts'
import { embeddedExchange } from '../../src/core/exchange/sim/server/embedded.ts'
import { VirtualNetwork } from '../../src/core/exchange/virtual-wire.ts'

const START = timeUs(1_760_000_000_000_000)

/** A minute of the book of BTCUSDT, linear: one snapshot, then deltas. */
export async function streamedFrames(): Promise<Buffer[]> {
  const server = embeddedExchange({ seed: 11, startUs: START, keys: [], symbols: ['BTCUSDT'], tier: 'default' })
  const network = new VirtualNetwork(server, START)
  const frames: Buffer[] = []
  const socket = network.wire().connect('/v5/public/linear', {
    open: () => socket.send('{"op":"subscribe","args":["orderbook.50.BTCUSDT"],"req_id":"1"}'),
    message: (bytes) => void (bytes.includes('"topic"') && frames.push(Buffer.from(bytes))),
    close: () => {},
  })
  await network.run(START + 60_000_000)
  return frames
}

/** `levels` changed levels a side. */
export function sizedFrames(levels: number, type: 'snapshot' | 'delta', count: number): Buffer[] {
  const prng = new Prng(7)
  const level = (): string =>
    `["${(prng.int(600_000, 620_000) / 10).toFixed(2)}","${(prng.int(0, 9_999) / 1000).toFixed(3)}"]`
  const side = (): string => Array.from({ length: levels }, level).join(',')
  return Array.from({ length: count }, (_, i) => {
    const data = `{"s":"BTCUSDT","b":[${side()}],"a":[${side()}],"u":${18_521_288 + i},"seq":${7_961_638_724 + 3 * i}}`
    const ts = 1_672_304_484_978 + 20 * i
    return Buffer.from(`{"topic":"orderbook.50.BTCUSDT","type":"${type}","ts":${ts},"data":${data},"cts":${ts - 2}}`)
  })
}
