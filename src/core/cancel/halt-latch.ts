/**
 * The HALT latch as an emergency sets it: beside the cancelling, on the thread pool, and waited for a second at most, so
 * that a disk that hangs or is full costs the operator nothing but a line of text.
 */
import { createSoon, replaceSoon } from '../durable-file.ts'
import { type HaltRecord, latchPath, markHalted, readLatch } from '../latch.ts'
import { makeFolderSoon } from '../make-folder.ts'
import { within } from './slow-disk.ts'

const WAIT_MS = 1_000

/**
 * What became of it within `waitMs`, in words; a latch that was set before keeps its evidence id. The disk has answered
 * before.
 */
export async function raiseLatch(stateDir: string, record: HaltRecord, waitMs = WAIT_MS): Promise<string> {
  const present = readLatch(stateDir)
  if (present.state === 'halted') return setBefore(present.record)
  const written = write(stateDir, record, present.state === 'clear').then(
    (isOurs) => (isOurs ? `HALT latch set (evidence ${record.evidenceId})` : setMeanwhile(stateDir)),
    (error: unknown) => unwritten(stateDir, record, error),
  )
  return within(written, waitMs, `HALT latch not written within ${waitMs} ms: the disk hangs`)
}

const setBefore = ({ evidenceId }: HaltRecord): string => `HALT latch was set before (evidence ${evidenceId})`

// Bot and operator halt in the same moment: the first record stands, so that one id is the one to acknowledge.
function setMeanwhile(stateDir: string): string {
  const present = readLatch(stateDir)
  return present.state === 'halted' ? setBefore(present.record) : 'HALT latch was set meanwhile'
}

// Something in its place that cannot be replaced (a folder) stops every start as well.
function unwritten(stateDir: string, record: HaltRecord, error: unknown): string {
  const why = error instanceof Error ? error.message : 'unknown'
  const inForce = markHalted(stateDir, record) ? '; what stands in its place counts as set' : ''
  return `HALT latch not written: ${why}${inForce}`
}

// False when somebody else has just set it. What cannot be read is replaced.
async function write(stateDir: string, record: HaltRecord, isClear: boolean): Promise<boolean> {
  // Loaded when it is needed: the first cancel does not wait for it.
  const { open } = process.getBuiltinModule('node:fs/promises')
  await makeFolderSoon(stateDir, 0o700)
  const text = `${JSON.stringify(record)}\n`
  const isOurs = isClear ? await createSoon(latchPath(stateDir), text) : true
  if (!isClear) await replaceSoon(latchPath(stateDir), text)
  const folder = await open(stateDir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
  return isOurs
}
