/** Bytes alive after a full collection: what a long run has left behind. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

export function liveBytes(): number {
  if (typeof collect !== 'function') throw new Error('no collector')
  collect()
  return process.memoryUsage().heapUsed
}
