/** The embedded exchange seen from the thread that started it: where it listens, and how to end it. */
import { Worker } from 'node:worker_threads'
import type { Welcome } from './host.ts'
import type { WorkerOptions } from './worker-options.ts'

export interface WorkerHost {
  readonly welcome: Welcome
  /** Resolves with the reason when the thread has ended without being asked to. */
  readonly failed: Promise<Error>
  close(): Promise<void>
}

/** Starts worker.ts (beside this file, compiled or source). Rejects with what made it fail. */
export async function startWorkerHost(options: WorkerOptions): Promise<WorkerHost> {
  const compiled = new URL('./worker.js', import.meta.url)
  const file = import.meta.url.endsWith('.ts') ? new URL(compiled.href.replace(/\.js$/, '.ts')) : compiled
  const worker = new Worker(file, { workerData: options, execArgv: [] })
  const ended = new Promise<Error>((resolve) => {
    worker.once('error', resolve)
    worker.once('exit', (code) => resolve(new Error(`the embedded exchange ended with code ${code}`)))
  })
  const welcome = new Promise<Welcome>((resolve) => worker.once('message', resolve))
  const first = await Promise.race([welcome, ended])
  if (first instanceof Error) throw first
  return {
    welcome: first,
    failed: ended,
    async close() {
      worker.postMessage('close', [])
      await ended
    },
  }
}
