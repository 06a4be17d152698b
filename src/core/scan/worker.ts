/** A helping thread of `workers.ts`: a session of its own, one job, its findings sent back when the job is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { scanBlobs } from './blob-scan.ts'
import { builtInRules } from './rule-set.ts'
import { Session } from './session.ts'
import { Simd } from './simd.ts'
import { type HelperData, type Job, takeBatches, type WorkerOutput } from './workers.ts'

async function help({ options, parts }: HelperData, job: Promise<Job>): Promise<WorkerOutput> {
  const session = new Session({ ...options, rules: await builtInRules() }, parts && new Simd(parts))
  const clean = await work(session, await job)
  const { findings, coverage, collected } = session
  return { findings, coverage, collected: [...collected], clean }
}

async function work(session: Session, job: Job): Promise<readonly string[]> {
  if (job.kind === 'blobs') return scanBlobs(session, job.root, job.blobs)
  takeBatches(session, job.files, job.counter)
  return []
}

const job = new Promise<Job>((resolve) => parentPort?.once('message', resolve))
parentPort?.postMessage(await help(workerData as HelperData, job))
