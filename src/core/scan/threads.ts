/** Starts the threads of `workers.ts`: before anything else, because a thread takes longer to get ready than all that comes before a scan. */
import type { Worker } from 'node:worker_threads'

const THREADS_MAX = 4
/**
 * A helper keeps little alive: its young generation may stay small. Each collection of it lowers the size at which V8 collects
 * all of the heap, 15 ms: smaller than this, that came in one scan of three.
 */
const LIMITS = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 512 } as const

/** As many threads as there are further processors, up to a few. */
export function startThreads(): readonly Worker[] {
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  // The bundle brings its own bytecode; everywhere else the file beside us is loaded.
  const isBundle = import.meta.url.endsWith('.cjs')
  const url = new URL(isBundle ? '../bin/scan-worker.js' : `worker-start${import.meta.url.slice(-3)}`, import.meta.url)
  const count = Math.min(process.getBuiltinModule('node:os').availableParallelism(), THREADS_MAX) - 1
  const workers = Array.from({ length: count }, () => new Worker(url, { resourceLimits: LIMITS }))
  // Whoever fails before there is anything to share must not wait for them.
  for (const worker of workers) worker.unref()
  return workers
}
