/** The exchange on the real clock: a machine that is too slow for it makes it late, never deaf. */
import { expect, test } from 'vitest'
import { timeUs } from '../../../src/core/domain/units.ts'
import { type Driven, monotonicMs, ServerClock } from '../../../src/core/exchange/sim/server/clock.ts'

const START_US = 1_000_000_000
const LATE_MS = 10_000

/** Each advance takes as long as it is told, whatever the machine. */
class Slow implements Driven {
  costMs = 10
  private atUs = START_US

  nowUs() {
    return timeUs(this.atUs)
  }

  advance(nowUs: number): void {
    const endMs = performance.now() + this.costMs
    while (performance.now() < endMs);
    this.atUs = Math.max(this.atUs, nowUs)
  }

  nextUs(): number {
    return this.atUs + 1_000
  }

  nextOwedUs(): number {
    return this.atUs + 1_000
  }

  get behindMs(): number {
    return LATE_MS - (this.atUs - START_US) / 1_000
  }
}

const eventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('ten seconds late, it lets sockets be heard long before it has caught up', async () => {
  const server = new Slow()
  const clock = new ServerClock(server, { startUs: timeUs(START_US), startedMs: monotonicMs() - LATE_MS, speed: 1 })
  clock.turn()
  const afterOneTurn = server.behindMs
  expect(afterOneTurn).toBeGreaterThan(LATE_MS / 2)
  clock.turn()
  expect(server.behindMs, 'what comes in meanwhile does not wait for another piece').toBe(afterOneTurn)
  await eventLoop()
  await eventLoop()
  expect(server.behindMs).toBeGreaterThan(LATE_MS / 2)
  server.costMs = 0
  while (server.behindMs > 0) await eventLoop()
  clock.stop()
})
