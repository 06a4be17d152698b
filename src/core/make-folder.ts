/**
 * Makes a folder and those above it, one level at a time. Never `mkdir` with `recursive`: below a file system that makes
 * no folders (/proc) Node tries for ever.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Does nothing when it is there. Throws what the system says when it cannot be made. */
export function makeFolder(path: string, mode = 0o777): void {
  const error = tryMake(path, mode)
  if (error === null) return
  const parent = dirname(path)
  if (error.code !== 'ENOENT' || parent === path) throw error
  makeFolder(parent, mode)
  const second = tryMake(path, mode)
  if (second !== null) throw second
}

/** As `makeFolder`, on the thread pool: for a disk that may hang. */
export async function makeFolderSoon(path: string, mode = 0o777): Promise<void> {
  const error = await tryMakeSoon(path, mode)
  if (error === null) return
  const parent = dirname(path)
  if (error.code !== 'ENOENT' || parent === path) throw error
  await makeFolderSoon(parent, mode)
  const second = await tryMakeSoon(path, mode)
  if (second !== null) throw second
}

function tryMake(path: string, mode: number): NodeJS.ErrnoException | null {
  try {
    mkdirSync(path, { mode })
    return null
  } catch (error) {
    return isFolder(path) ? null : (error as NodeJS.ErrnoException)
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    // Not allowed to look: what mkdir said tells more.
    return false
  }
}

async function tryMakeSoon(path: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  const { mkdir, stat } = process.getBuiltinModule('node:fs/promises')
  try {
    await mkdir(path, { mode })
    return null
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    return isThere ? null : (error as NodeJS.ErrnoException)
  }
}
