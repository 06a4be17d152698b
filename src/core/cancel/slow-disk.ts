/**
 * Files beside the cancelling, on a disk that may hang: everything runs on the thread pool and is waited for no longer
 * than told. What hangs for good is left behind, also at the end, when Node itself would wait for it.
 */
import { latchPath } from '../latch.ts'
import { lockPath } from '../run-lock.ts'
import { notSmall, OPEN_AT_ONCE, SMALL_BYTES_MAX } from '../small-file.ts'

/** As `readSmallFile`, without waiting in the main thread. */
export async function readSmallSoon(path: string): Promise<string> {
  const { open } = process.getBuiltinModule('node:fs/promises')
  const file = await open(path, OPEN_AT_ONCE)
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > SMALL_BYTES_MAX) throw notSmall(path)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** True when the disk of a state folder says something, whatever it is, about lock and latch within `ms`. */
export function isAnswering(stateDir: string, ms: number): Promise<boolean> {
  const asked = [lockPath(stateDir), latchPath(stateDir)].map((path) =>
    readSmallSoon(path).then(
      () => true,
      () => true,
    ),
  )
  return within(
    Promise.all(asked).then(() => true),
    ms,
    false,
  )
}

/** The work's result, or `late` when it takes longer than `ms`. */
export function within<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const DISK_REST_MS = 3_000
const LOOK_MS = 20

/**
 * Ends the process with `code`. What is on its way to a disk that is merely slow (the latch, the proof) gets a few seconds
 * more. At an ordinary exit Node waits for its threads, and one that is stuck in a hanging disk or with a dead resolver
 * does not come back: then the process becomes a shell that only ends with the code.
 */
export async function leave(code: number): Promise<never> {
  for (let waitedMs = 0; isWaitingFor(/^FSReq/i) && waitedMs < DISK_REST_MS; waitedMs += LOOK_MS)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  if (isWaitingFor(/^(?:FSReq|GetAddrInfo)/i)) process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {})
  process.exit(code)
}

function isWaitingFor(kind: RegExp): boolean {
  return process.getActiveResourcesInfo().some((name) => kind.test(name))
}
