/** A helping thread of `workers.ts`: the same session over the same list, its findings sent back when the list is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { builtInRules } from './rule-set.ts'
import { Session } from './session.ts'
import { takeBatches, type WorkerInput } from './workers.ts'

async function help(input: WorkerInput): Promise<void> {
  const session = new Session({ ...input.options, rules: await builtInRules() })
  takeBatches(session, input.tasks, input.counter)
  const { findings, coverage, collected } = session
  parentPort?.postMessage({ findings, coverage, collected: [...collected] })
}

await help(workerData as WorkerInput)
