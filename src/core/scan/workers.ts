/**
 * Scans with further threads when there is much to read. The main thread starts at once; all take batches of files from one
 * shared counter, or a share of a history. Findings cross threads already masked and hashed: a secret value never leaves the
 * thread that read it.
 */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { Coverage } from './coverage.ts'
import type { FileTask } from './file-scan.ts'
import type { Finding } from './finding.ts'
import type { Session, SessionOptions } from './session.ts'
import type { SimdParts } from './simd.ts'

/** Fewer files than this are done before a thread has started. */
export const FILES_MIN = 600
/** Files of one batch: enough to make taking it cheap, few enough that nobody waits for another's last one. */
const BATCH = 16
const THREADS_MAX = 4
/** A helper keeps little alive: its young generation may stay small. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 512 } as const

/** What a helping thread is told after its start. */
export type Job =
  | { readonly kind: 'files'; readonly files: FileBatches; readonly counter: Int32Array }
  | { readonly kind: 'blobs'; readonly root: string; readonly blobs: readonly (readonly [string, string])[] }

/** What a helping thread gets at its start. */
export interface HelperData {
  readonly options: Omit<SessionOptions, 'rules'>
  readonly parts: SimdParts | undefined
}

/** Files by name, a batch a text: a list of ten thousand objects is copied and kept, a text costs next to nothing. */
export interface FileBatches {
  readonly root: string
  /** Names below `root`, NUL between them. */
  readonly batches: readonly string[]
  /** What cannot be said so: names that are not UTF-8, files elsewhere. For the main thread. */
  readonly others: readonly FileTask[]
}

export interface WorkerOutput {
  readonly findings: readonly Finding[]
  readonly coverage: Coverage
  readonly collected: readonly string[]
  /** Object ids of blobs without hits. */
  readonly clean: readonly string[]
}

/** Threads that get ready (modules, rules, tables) while the main thread still makes the list of what to read. */
export class Helpers {
  private readonly session: Session
  private readonly count: number
  private workers: Worker[] = []

  /** Own rules of the repository are compiled on one thread only: with them nobody helps. */
  constructor(session: Session, hasOwnRules: boolean) {
    this.session = session
    this.count = hasOwnRules ? 0 : Math.min(availableParallelism(), THREADS_MAX) - 1
  }

  /** Starts the threads; more calls do nothing. Returns how many there are. */
  start(): number {
    if (this.workers.length === this.count) return this.count
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const { rules: _, ...options } = this.session.options
    const data: HelperData = { options, parts: this.session.engine.simd?.parts }
    const url = new URL(`worker${import.meta.url.slice(-3)}`, import.meta.url)
    const how = { workerData: data, resourceLimits: LIMITS }
    this.workers = Array.from({ length: this.count }, () => new Worker(url, how))
    return this.count
  }

  /** Hands each thread its job; their results are in the session when `done` resolves. */
  hand(jobOf: (index: number) => Job): { readonly done: Promise<WorkerOutput[]> } {
    const outputs = this.workers.map(async (worker, index) => {
      const output = outputOf(worker)
      worker.postMessage(jobOf(index))
      return output
    })
    this.workers = []
    const done = Promise.all(outputs).then((all) => {
      for (const output of all) this.merge(output)
      return all
    })
    return { done }
  }

  private merge(output: WorkerOutput): void {
    const { session } = this
    session.findings.push(...output.findings)
    session.coverage.merge(Object.assign(new Coverage(), output.coverage))
    for (const fingerprint of output.collected) session.collected.add(fingerprint)
  }

  /** Ends threads that were started and got no job. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
    this.workers = []
  }
}

function outputOf(worker: Worker): Promise<WorkerOutput> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a scan thread ended with ${code}`)))
  })
}

/** Puts the files into batches, in the order of the list. */
export function packTasks(tasks: readonly FileTask[], root: string): FileBatches {
  const batches: string[] = []
  const others: FileTask[] = []
  let names: string[] = []
  for (const task of tasks) {
    if (task.open !== `${root}/${task.display}`) {
      others.push(task)
      continue
    }
    names.push(task.display)
    if (names.length === BATCH) {
      batches.push(names.join('\0'))
      names = []
    }
  }
  if (names.length > 0) batches.push(names.join('\0'))
  return { root, batches, others }
}

/** Scans the files into `session`. */
export async function scanTasks(session: Session, files: FileBatches, helpers: Helpers): Promise<void> {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  if (files.batches.length >= FILES_MIN / BATCH) helpers.start()
  else await helpers.stop()
  const { done } = helpers.hand(() => ({ kind: 'files', files: { ...files, others: [] }, counter }))
  for (const task of files.others) session.file(task)
  takeBatches(session, files, counter)
  await done
}

/** Takes batch after batch until the list is done. */
export function takeBatches(session: Session, { root, batches }: FileBatches, counter: Int32Array): void {
  for (let at = Atomics.add(counter, 0, 1); at < batches.length; at = Atomics.add(counter, 0, 1)) {
    for (const name of batches[at]?.split('\0') ?? []) session.file({ open: `${root}/${name}`, display: name })
  }
}
