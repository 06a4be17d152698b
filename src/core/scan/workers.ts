/**
 * Scans with further threads when there is much to read. The main thread starts at once; all take batches of files from one
 * shared counter, or a share of a history. Findings cross threads already masked and hashed: a secret value never leaves the
 * thread that read it.
 */
import type { Worker } from 'node:worker_threads'
import { Coverage } from './coverage.ts'
import type { Families } from './families.ts'
import type { FileTask } from './file-scan.ts'
import type { Finding } from './finding.ts'
import type { Session, SessionOptions } from './session.ts'
import type { SimdParts } from './simd.ts'
import { startThreads } from './threads.ts'
import { tuneCompilers } from './tune.ts'

/** Fewer files than this are done before a thread has started. */
export const FILES_MIN = 600
/** Files of one batch: enough to make taking it cheap, few enough that nobody waits for another's last one. */
const BATCH = 16
/** What a helping thread is to read. */
export type Share =
  | { readonly kind: 'files'; readonly files: FileBatches; readonly counter: Int32Array }
  | { readonly kind: 'families'; readonly families: Families }
  | { readonly kind: 'blobs'; readonly root: string; readonly blobs: readonly (readonly [string, string])[] }

/** What a helping thread is told when the rules are there: it gets ready and waits for its share. */
export interface Briefing {
  readonly kind: 'briefing'
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
  private isForbidden = false
  private workers: readonly Worker[]
  private readonly told = new Set<Worker>()

  /** `started`: threads that run already. */
  constructor(started: readonly Worker[] = []) {
    this.workers = started
  }

  /** Threads that were started. */
  get size(): number {
    return this.workers.length
  }

  /** Starts the threads; more calls do nothing. */
  start(): void {
    if (this.isForbidden || this.workers.length > 0) return
    this.workers = startThreads()
  }

  /** Tells the threads that were started what they will need; `hand` tells those that come later. */
  tell(session: Session): void {
    const { rules: _, ...options } = session.options
    const briefing: Briefing = { kind: 'briefing', options, parts: session.engine.simd?.parts }
    for (const worker of this.workers) {
      if (this.told.has(worker)) continue
      this.told.add(worker)
      worker.postMessage(briefing)
    }
  }

  /** Hands each thread its share; their results are in the session when it resolves. */
  hand(session: Session, shareOf: (index: number) => Share): Promise<WorkerOutput[]> {
    this.tell(session)
    const outputs = this.workers.map(async (worker, index) => {
      worker.ref()
      const output = outputOf(worker)
      worker.postMessage(shareOf(index))
      return output
    })
    this.workers = []
    const done = Promise.all(outputs).then((all) => {
      for (const output of all) merge(session, output)
      return all
    })
    // Heard by whoever awaits it; before that a thread that died must not end the process, with 1 and as if a secret were found.
    done.catch(() => undefined)
    return done
  }

  /** Nobody helps: own rules of a repository are compiled on one thread only. */
  async forbid(): Promise<void> {
    this.isForbidden = true
    await this.stop()
  }

  /** Ends threads that were started and got no share. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
    this.workers = []
  }
}

function merge(session: Session, output: WorkerOutput): void {
  session.findings.push(...output.findings)
  session.coverage.merge(Object.assign(new Coverage(), output.coverage))
  for (const fingerprint of output.collected) session.collected.add(fingerprint)
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
  // Threads that still load their modules do it themselves; see tune.ts.
  if (helpers.size === 0 && files.batches.length >= FILES_MIN / BATCH) tuneCompilers()
  const counter = new Int32Array(new SharedArrayBuffer(4))
  const done = helpers.hand(session, () => ({ kind: 'files', files: { ...files, others: [] }, counter }))
  session.prove()
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
