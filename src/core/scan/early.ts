/**
 * What is done before anybody knows whether there is a repository: git is asked, and threads that may be needed start, while
 * modules and rules load. The size of the scan is guessed from outside git; a wrong guess costs or saves time and nothing else.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { codeOf } from './file-scan.ts'
import { findRepository, type GitAnswer, nearestGit, type RepositoryAnswer } from './git.ts'
import { listHistory, stagedChanges } from './git-lists.ts'
import { parseFast, type ScanOptions, sourceOf } from './options.ts'
import { hasCache } from './scan-cache.ts'
import { startThreads } from './threads.ts'

export interface Early {
  readonly repository: Promise<RepositoryAnswer>
  /** What git lists, where it is asked for a list at once. */
  readonly list: Promise<GitAnswer | undefined>
  /** Started when the scan looks long. */
  readonly threads: readonly Worker[]
}

/** For bin/run.js, before it reads the scanner. Nothing where the fast parser does not understand `argv` or nothing is scanned. */
export function askFast(argv: readonly string[]): Early | undefined {
  const options = parseFast(argv)
  if (options === undefined || options.explain !== undefined || options.installHook) return undefined
  try {
    return askEarly(options, process.cwd())
  } catch {
    // Who asks again says what is wrong.
    return undefined
  }
}

/** Bytes of packs, or of an index of files, from which a second thread pays. */
const PACKS_MIN = 4 << 20
const INDEX_MIN = 96 << 10

export function askEarly(options: ScanOptions, cwd: string): Early {
  // First of all: a thread takes longer to get ready than git to answer.
  const threads = looksLong(options, cwd) ? startThreads() : []
  const list = listOf(options, cwd)
  const repository = findRepository(cwd)
  // Heard by whoever awaits them: nobody does when the options are refused.
  for (const answer of [list, repository]) answer.catch(() => undefined)
  return { repository, list, threads }
}

function looksLong(options: ScanOptions, cwd: string): boolean {
  try {
    if (options.history) return options.range === undefined && hasLongHistory(cwd)
    return sourceOf(options) === 'tree' && options.paths.length === 0 && hasManyFiles(cwd)
  } catch (error) {
    // Folders that may not be read: git says so, this is only a guess.
    if (codeOf(error) === '') throw error
    return false
  }
}

async function listOf(options: ScanOptions, cwd: string): Promise<GitAnswer | undefined> {
  if (options.staged) return stagedChanges(cwd)
  return options.history ? listHistory(cwd, options.range) : undefined
}

function hasLongHistory(cwd: string): boolean {
  const gitDir = gitDirOf(cwd)
  if (gitDir === undefined || hasCache(gitDir)) return false
  const folder = join(gitDir, 'objects', 'pack')
  if (!existsSync(folder)) return false
  const packs = readdirSync(folder).filter((name) => name.endsWith('.pack'))
  return packs.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0) >= PACKS_MIN
}

function hasManyFiles(cwd: string): boolean {
  const gitDir = gitDirOf(cwd)
  return gitDir !== undefined && sizeOf(join(gitDir, 'index')) >= INDEX_MIN
}

function gitDirOf(cwd: string): string | undefined {
  return process.env['GIT_DIR'] === undefined ? nearestGit(cwd) : undefined
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
