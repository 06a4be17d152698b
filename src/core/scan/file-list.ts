/**
 * Which files there are: git's index plus what is untracked and not ignored, or a walk of the folder outside git. Folders are
 * left out by whole names below the root only, never by a piece of a path.
 */
import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Coverage } from './coverage.ts'
import { ABSENT, codeOf, type FileTask, NO_FILE, reason } from './file-scan.ts'
import { type GitAnswer, gitLater, GITLINK, indexEntries, type Repository, splitNul } from './git.ts'

/** A repository below the root: a submodule, or one that nobody tracks. `name` is its path below the root. */
export interface NestedTree {
  readonly root: string
  readonly name: string
}

export interface FileListing {
  readonly tasks: readonly FileTask[]
  readonly nested: readonly NestedTree[]
}

/** Files of the repository: tracked ones always, untracked ones unless ignored. `paths` narrow it. */
export async function listRepository(
  { root }: Repository,
  paths: readonly string[],
  coverage: Coverage,
): Promise<FileListing> {
  const wanted = paths.map((path) => relative(root, path) || '.')
  const pathspec =
    wanted.length === 0 ? [] : ['--', ...wanted.map((path) => `:(literal,top)${path === '.' ? '' : path}`)]
  return listIndexed(root, { pathspec, isNested: false }, coverage)
}

interface ListOptions {
  readonly pathspec: readonly string[]
  readonly isNested: boolean
}

/** What git lists of the tree at `root`; where it cannot, what lies there. */
async function listIndexed(root: string, { pathspec, isNested }: ListOptions, coverage: Coverage) {
  const shape = ['-z', '--cached', '--others', '--exclude-standard', '--full-name']
  const [answer, index] = await Promise.all([
    gitLater(root, ['ls-files', ...shape, ...pathspec], isNested),
    gitLater(root, ['ls-files', '-z', '--stage'], isNested),
  ])
  if (answer.status !== 0) {
    coverage.miss(root, `git ls-files failed: ${answer.stderr.trim().slice(0, 200)}`)
    return { tasks: pathspec.length === 0 ? listFolder(root, root, coverage) : [], nested: [] }
  }
  // git names folders it may not open and succeeds all the same.
  for (const [, name = '', why = ''] of answer.stderr.matchAll(CLOSED_FOLDER))
    coverage.miss(name.replace(/\/$/, ''), why)
  const links = gitLinks(index)
  const tasks: FileTask[] = []
  const nested: NestedTree[] = []
  const seen = new Set<string>()
  for (const bytes of splitNul(answer.stdout)) {
    const name = bytes.toString('utf8').replace(/\/$/, '')
    if (seen.has(name)) continue
    seen.add(name)
    if (!links.has(name) && bytes.at(-1) !== 0x2f) {
      tasks.push(taskOf(root, name, bytes))
      continue
    }
    const below = await listNested(root, name, coverage)
    tasks.push(...below.tasks)
    nested.push(...below.nested)
  }
  return { tasks: withoutBehindLinks(tasks, { root, listed: seen }, coverage), nested }
}

/** Tracked files below a name that is a file or a link now are gone: what lies behind the link is not theirs. */
function withoutBehindLinks(
  tasks: readonly FileTask[],
  { root, listed }: { readonly root: string; readonly listed: ReadonlySet<string> },
  coverage: Coverage,
): FileTask[] {
  let folder = ''
  let isBehind = false
  return tasks.filter(({ display }) => {
    const own = display.slice(0, Math.max(0, display.lastIndexOf('/')))
    if (own !== folder) {
      folder = own
      isBehind = false
      for (let at = own; at !== '' && !isBehind; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
        isBehind = listed.has(at) && !isFolder(`${root}/${at}`)
    }
    if (isBehind) coverage.skip(display, ABSENT)
    return !isBehind
  })
}

/** A folder itself, no link to one. */
export function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
    throw error
  }
}

const CLOSED_FOLDER = /^warning: could not open directory '(.*)': (.*)$/gm

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

/** A repository inside the tree: its own index decides, if git agrees that the tree is its own and lists it. */
async function listNested(outer: string, name: string, coverage: Coverage): Promise<FileListing> {
  const root = join(outer, name)
  const names = readNames(root)
  if (names.length === 0) {
    coverage.miss(name, 'submodule is not checked out')
    return { tasks: [], nested: [] }
  }
  const top = await gitLater(root, ['rev-parse', '--show-toplevel'], true)
  if (top.stdout.toString('utf8').trimEnd() === realpathSync(root)) {
    const listed = await listIndexed(root, { pathspec: [], isNested: true }, coverage)
    if (listed.tasks.length > 0 || names.every((one) => one === '.git')) return below(listed, { root, name })
  }
  coverage.skip(name, 'a repository of which git lists no file: read as a plain folder')
  return { tasks: listFolder(root, outer, coverage), nested: [] }
}

function below({ tasks, nested }: FileListing, tree: NestedTree): FileListing {
  const { name } = tree
  return {
    tasks: tasks.map((task) => ({ ...task, display: `${name}/${task.display}` })),
    nested: [tree, ...nested.map((inner) => ({ ...inner, name: `${name}/${inner.name}` }))],
  }
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
      else coverage.miss(display, NO_FILE)
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

/** Sorts the arguments of the command into files, folders and what cannot be read. Links that somebody names are followed. */
export function splitPaths(paths: readonly string[], coverage: Coverage): { files: FileTask[]; folders: string[] } {
  const files: FileTask[] = []
  const folders: string[] = []
  for (const path of paths) {
    const full = resolve(path)
    try {
      const stats = statSync(full)
      const isLink = lstatSync(full).isSymbolicLink()
      if (stats.isDirectory()) folders.push(isLink ? realpathSync(full) : full)
      else if (stats.isFile()) files.push({ open: isLink ? realpathSync(full) : full, display: full })
      else coverage.miss(path, NO_FILE)
    } catch (error) {
      coverage.miss(path, reason(error))
    }
  }
  return { files, folders }
}
