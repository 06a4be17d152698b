/**
 * The exchange in a worker thread, for paper mode: real sockets on loopback, its own event loop, its own garbage. Tells
 * its address and keys by one message; any message from the parent ends it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '../../../domain/invariant.ts'
import { openHost } from './host.ts'
import { hostOptions, type WorkerOptions } from './worker-options.ts'

const port = parentPort
invariant(port !== null, 'worker.ts runs in a worker thread')
const host = await openHost(await hostOptions(workerData as WorkerOptions))
port.once('message', () => {
  void host.close().then(() => port.close())
})
port.postMessage(host.welcome)
