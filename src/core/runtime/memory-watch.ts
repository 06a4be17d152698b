/**
 * A heap that runs full ends the process without a word, orders and all. So the run is ended in order a little earlier:
 * as far as Node lets us. What is lost all the same is the guard's to clean up.
 */
import { getHeapStatistics } from 'node:v8'

const LOOK_MS = 1_000
const FULL_SHARE = 0.92

export interface Heap {
  readonly used_heap_size: number
  readonly heap_size_limit: number
}

/** Calls `onFull` once. Returns how to stop looking. */
export function watchMemory(onFull: (text: string) => void, heap: () => Heap = getHeapStatistics): () => void {
  const timer = setInterval(() => {
    const { used_heap_size: used, heap_size_limit: limit } = heap()
    if (used < limit * FULL_SHARE) return
    clearInterval(timer)
    onFull(`out of memory: ${mib(used)} of ${mib(limit)} MiB of heap`)
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

const mib = (bytes: number): number => Math.round(bytes / 1_048_576)
