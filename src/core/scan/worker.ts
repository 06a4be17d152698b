/** A helping thread of `workers.ts`: a session of its own, one job, its findings sent back when the job is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { scanBlobs } from './blob-scan.ts'
import { scanFamilies } from './family-scan.ts'
import { builtInRules } from './rule-set.ts'
import { Session } from './session.ts'
import { Simd } from './simd.ts'
import { tuneCompilers } from './tune.ts'
import { type Job, type Share, takeBatches, type WorkerOutput } from './workers.ts'

async function help(job: Promise<Job>): Promise<WorkerOutput> {
  const rules = await builtInRules()
  tuneCompilers()
  Atomics.store(workerData as Int32Array, 0, 1)
  const { options, parts, share } = await job
  const session = new Session({ ...options, rules }, parts && new Simd(parts))
  const clean = await work(session, share)
  const { findings, coverage, collected } = session
  return { findings, coverage, collected: [...collected], clean }
}

async function work(session: Session, share: Share): Promise<readonly string[]> {
  if (share.kind === 'blobs') return scanBlobs(session, share.root, share.blobs)
  if (share.kind === 'families') {
    scanFamilies(session, share.families)
    return []
  }
  takeBatches(session, share.files, share.counter)
  return []
}

/** Does what the main thread asks for, once. */
export async function startHelper(): Promise<void> {
  const job = new Promise<Job>((resolve) => parentPort?.once('message', resolve))
  parentPort?.postMessage(await help(job))
}
