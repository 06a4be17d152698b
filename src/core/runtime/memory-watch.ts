/**
 * A heap that runs full ends the process without a word, orders and all. So the run is ended in order a little earlier:
 * as far as Node lets us. What is lost all the same (a leak too fast to see, memory outside the heap) is the guard's to
 * clean up. Only the old generation counts: it is the one that kills, and V8 states one limit for both together.
 */
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'

const LOOK_MS = 250
const FULL_SHARE = 0.85
// Garbage counts as used: what is still there at the next look is not garbage about to go.
const LOOKS = 2
const MIB = 1_048_576
/** V8's limit holds three semi-spaces beside the old generation. */
const SEMI_SPACES = 3
const SEMI_MIB = 64

export interface Heap {
  /** Bytes of the old generation in use, garbage included. */
  readonly usedBytes: number
  /** Bytes at which V8 gives up. */
  readonly limitBytes: number
}

/** Calls `onFull` once. Returns how to stop looking. */
export function watchMemory(onFull: (text: string) => void, heap: () => Heap = oldGeneration): () => void {
  let looks = 0
  const timer = setInterval(() => {
    const { usedBytes, limitBytes } = heap()
    looks = usedBytes < limitBytes * FULL_SHARE ? 0 : looks + 1
    if (looks < LOOKS) return
    clearInterval(timer)
    onFull(`out of memory: ${mib(usedBytes)} of ${mib(limitBytes)} MiB of heap`)
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

export function oldGeneration(): Heap {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'))
  return {
    usedBytes: old.reduce((sum, { space_used_size: used }) => sum + used, 0),
    limitBytes: getHeapStatistics().heap_size_limit - SEMI_SPACES * semiMib() * MIB,
  }
}

// V8 does not say it; without a flag it takes the 64 MiB.
function semiMib(): number {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ')
  return Number(/--max[-_]semi[-_]space[-_]size=(\d{1,6})/.exec(flags)?.[1] ?? SEMI_MIB)
}

const mib = (bytes: number): number => Math.round(bytes / MIB)
