/**
 * Which files there are: git's index plus what is untracked and not ignored, or a walk of the folder outside git. Folders are
 * left out by whole names below the root only, never by a piece of a path.
 */
import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { Coverage } from './coverage.ts'
import { codeOf, type FileTask, reason } from './file-scan.ts'
import { type GitAnswer, gitLater, GITLINK, indexEntries, type Repository, splitNul } from './git.ts'

/** Files of the repository: tracked ones always, untracked ones unless ignored. `paths` narrow it. */
export async function listRepository(
  { root }: Repository,
  paths: readonly string[],
  coverage: Coverage,
): Promise<FileTask[]> {
  const wanted = paths.map((path) => relative(root, path) || '.')
  const pathspec =
    wanted.length === 0 ? [] : ['--', ...wanted.map((path) => `:(literal,top)${path === '.' ? '' : path}`)]
  const [answer, index] = await Promise.all([
    gitLater(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--full-name', ...pathspec]),
    gitLater(root, ['ls-files', '-z', '--stage']),
  ])
  if (answer.status !== 0) {
    coverage.miss(root, `git ls-files failed: ${answer.stderr.trim().slice(0, 200)}`)
    return []
  }
  const links = gitLinks(index)
  const tasks: FileTask[] = []
  const seen = new Set<string>()
  for (const bytes of splitNul(answer.stdout)) {
    const name = bytes.toString('utf8').replace(/\/$/, '')
    if (seen.has(name)) continue
    seen.add(name)
    if (links.has(name)) tasks.push(...(await listSubmodule(join(root, name), name, coverage)))
    else if (bytes.at(-1) === 0x2f) tasks.push(...(await listNested(join(root, name), name, coverage)))
    else tasks.push(taskOf(root, name, bytes))
  }
  return tasks
}

function taskOf(root: string, name: string, bytes: Buffer): FileTask {
  const isText = !name.includes('\ufffd') || Buffer.from(name, 'utf8').equals(bytes)
  return { open: isText ? `${root}/${name}` : Buffer.concat([Buffer.from(`${root}/`), bytes]), display: name }
}

/** Paths of submodules in the index. Most indexes have none: then no entry is looked at. */
function gitLinks({ status, stdout }: GitAnswer): ReadonlySet<string> {
  const out = new Set<string>()
  if (status !== 0 || stdout.indexOf(`${GITLINK} `) < 0) return out
  for (const { mode, path } of indexEntries(stdout)) if (mode === GITLINK) out.add(path.toString('utf8'))
  return out
}

async function listSubmodule(path: string, name: string, coverage: Coverage): Promise<FileTask[]> {
  if (readNames(path).length === 0) {
    coverage.miss(name, 'submodule is not checked out')
    return []
  }
  return listNested(path, name, coverage)
}

/** A repository inside the tree: its own index decides. */
async function listNested(path: string, name: string, coverage: Coverage): Promise<FileTask[]> {
  const nested: Repository = { root: path, gitDir: '', isBare: false, isShallow: false }
  const tasks = await listRepository(nested, [], coverage)
  return tasks.map((task) => ({ ...task, display: `${name}/${task.display}` }))
}

function readNames(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Every file under `start` but git's own folder. Links are read as text, pipes and sockets are named as unread. */
export function listFolder(
  start: string,
  root: string,
  coverage: Coverage,
  onFiles?: (count: number) => void,
): FileTask[] {
  const tasks: FileTask[] = []
  const stack = [start]
  for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
    const shown = folder === root ? '' : `${displayOf(root, folder)}/`
    for (const entry of entriesOf(folder, root, coverage)) {
      const open = `${folder}/${entry.name}`
      const display = shown + entry.name
      if (entry.isDirectory()) {
        if (entry.name === '.git') coverage.skip(display, "git's own folder")
        else stack.push(open)
      } else if (entry.isFile() || entry.isSymbolicLink()) tasks.push({ open, display })
      else coverage.miss(display, 'not a regular file (pipe, socket or device)')
    }
    onFiles?.(tasks.length)
  }
  return tasks
}

function entriesOf(folder: string, root: string, coverage: Coverage) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    coverage.miss(displayOf(root, folder), reason(error))
    return []
  }
}

function displayOf(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}

/** Sorts the arguments of the command into files, folders and what is not there. Links to folders are followed once. */
export function splitPaths(paths: readonly string[], coverage: Coverage): { files: string[]; folders: string[] } {
  const files: string[] = []
  const folders: string[] = []
  for (const path of paths) {
    const full = resolve(path)
    try {
      const stats = lstatSync(full).isSymbolicLink() ? statSync(full) : lstatSync(full)
      if (stats.isDirectory())
        folders.push(lstatSync(full).isSymbolicLink() ? resolve(full, '..', readlinkSync(full)) : full)
      else files.push(full)
    } catch (error) {
      coverage.miss(path, reason(error))
    }
  }
  return { files, folders }
}

export function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}
