/** A helping thread of `workers.ts`: a session of its own, one job, its findings sent back when the job is done. */
import { parentPort } from 'node:worker_threads'
import { scanBlobs } from './blob-scan.ts'
import { scanFamilies } from './family-scan.ts'
import { builtInRules } from './rule-set.ts'
import { Session } from './session.ts'
import { Simd } from './simd.ts'
import { tuneCompilers } from './tune.ts'
import { type Briefing, type Share, takeBatches, type WorkerOutput } from './workers.ts'

async function help(briefing: Promise<Briefing>, share: Promise<Share>): Promise<WorkerOutput> {
  const rules = await builtInRules()
  // Before the flags change: after that V8 would compile all of it anew when the first finding is hashed.
  process.getBuiltinModule('node:crypto')
  tuneCompilers()
  const { options, parts } = await briefing
  const session = new Session({ ...options, rules }, parts && new Simd(parts))
  const clean = await work(session, await share)
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
  const briefing = Promise.withResolvers<Briefing>()
  const share = Promise.withResolvers<Share>()
  const listen = (message: Briefing | Share): void => {
    if (message.kind === 'briefing') return briefing.resolve(message)
    parentPort?.off('message', listen)
    share.resolve(message)
  }
  parentPort?.on('message', listen)
  parentPort?.postMessage(await help(briefing.promise, share.promise))
}
