/**
 * One writer per state folder. The lock names a process by pid and start time, so a lock left by a dead process is told
 * from a living one even when its pid was given to somebody else. Released only by its owner.
 */
import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'

export interface LockOwner {
  readonly pid: number
  /** As the system states it; equal texts of one pid mean the same process. */
  readonly startTime: string
}

export interface Lock {
  readonly owner: LockOwner
  release(): void
}

/** How to learn when a process started; '' when there is no such process. */
export type StartTimeOf = (pid: number) => string

/** Takes the lock or throws STATE_LOCKED. A lock whose owner is dead is taken over. */
export function takeLock(dir: string, startTimeOf: StartTimeOf = processStartTime): Lock {
  const file = lockFile(dir)
  const owner = { pid: process.pid, startTime: startTimeOf(process.pid) }
  const mine = `${file}.${process.pid}`
  write(mine, dir, owner)
  try {
    // A link either makes the name or fails: two starters cannot both have it.
    for (let tries = 0; tries < 10; tries++) {
      if (tryLink(mine, file, dir)) return { owner, release: () => release(file, owner) }
      const other = readLock(dir)
      if (other !== null && isAlive(other, startTimeOf)) fail('STATE_LOCKED', { pid: other.pid, dir })
      removeStale(file, other)
    }
    return fail('STATE_LOCKED', { pid: readLock(dir)?.pid ?? 0, dir })
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Who holds the lock file, alive or not; null when there is none or it says nothing. */
export function readLock(dir: string): LockOwner | null {
  try {
    const owner = JSON.parse(readFileSync(lockFile(dir), 'utf8')) as Partial<LockOwner> | null
    const isOwner = typeof owner?.pid === 'number' && typeof owner.startTime === 'string'
    return isOwner ? { pid: owner.pid ?? 0, startTime: owner.startTime ?? '' } : null
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function isAlive(owner: LockOwner, startTimeOf: StartTimeOf = processStartTime): boolean {
  const startTime = startTimeOf(owner.pid)
  return startTime !== '' && (owner.startTime === '' || startTime === owner.startTime)
}

/** Linux: start time in clock ticks since boot, with the boot's id. Elsewhere: what ps says. '' when it is gone. */
export function processStartTime(pid: number): string {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      // The command in parentheses may hold anything; fields count from the last one.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
      return `${ticks}@${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ESRCH') return ''
      throw error
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch (error) {
    // ps leaves with 1 for a pid that does not exist.
    if ((error as { status?: number }).status === 1) return ''
    throw error
  }
}

const lockFile = (dir: string): string => join(dir, 'lock')

function write(file: string, dir: string, owner: LockOwner): void {
  try {
    writeFileSync(file, JSON.stringify(owner), { mode: 0o600 })
  } catch (error) {
    fail('STATE_UNWRITABLE', { dir, reason: (error as Error).message }, error)
  }
}

function tryLink(from: string, to: string, dir: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EEXIST' ? false : fail('STATE_UNWRITABLE', { dir, reason: message }, error)
  }
}

// Renamed away first: if somebody else replaced the stale lock meanwhile, theirs is put back.
function removeStale(file: string, seen: LockOwner | null): void {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const text = readFileSync(aside, 'utf8')
  if (seen !== null && text !== JSON.stringify(seen)) linkBack(aside, file)
  rmSync(aside, { force: true })
}

function linkBack(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function release(file: string, owner: LockOwner): void {
  try {
    if (readFileSync(file, 'utf8') === JSON.stringify(owner)) rmSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
