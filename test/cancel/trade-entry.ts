/**
 * `mm trade` joined by hand, with an output port that breaks when it is told to by SIGUSR2: `throw` like a failed
 * invariant in the middle of the loop, `uncaught` like an error in a callback that nobody awaits, `memory` like a leak.
 * argv: exchange URL, state folder, manner, guard socket ('' for none).
 */
import { invariant } from '../../src/core/domain/invariant.ts'
import { guardAddress } from '../../src/core/deadman/address.ts'
import { oldGeneration } from '../../src/core/runtime/memory-watch.ts'
import { trade } from '../../src/core/runtime/trade.ts'

const [exchangeUrl = '', stateDir = '', manner = '', guard = ''] = process.argv.slice(2)
let isBroken = false
process.on('SIGUSR2', () => {
  isBroken = true
  if (manner === 'uncaught') {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
  }
  if (manner === 'memory') setInterval(leak, 20)
})

const kept: object[] = []
// Fast at first, then some two megabytes a second, to the very end. Objects: buffers would not fill the heap.
function leak(): void {
  const { usedBytes, limitBytes } = oldGeneration()
  const length = usedBytes < limitBytes * 0.8 ? 5_000 : 500
  kept.push(Array.from({ length }, (_, index) => ({ index, more: [index] })))
}
const { exit, error } = await trade(
  {
    venue: 'paper',
    exchangeUrl,
    stateDir,
    guard: guard === '' ? null : guardAddress(guard, ''),
    symbols: ['BTCUSDT'],
    market: 'synthetic',
    seed: 1,
    speed: 1,
    durationMs: null,
    metrics: null,
    arm: null,
    config: undefined,
    profile: undefined,
    override: undefined,
    set: [],
    env: process.env,
    cwd: process.cwd(),
    root: process.cwd(),
  },
  {
    emit: (line) => {
      process.stdout.write(`${JSON.stringify(line)}\n`)
      invariant(!(isBroken && manner === 'throw'), 'the output port holds')
    },
    say: (text) => void process.stderr.write(`${text}\n`),
  },
)
if (error instanceof Error) process.stderr.write(`${error.message}\n`)
process.exit(exit)
