/**
 * What is done before anybody knows whether there is a repository: git is asked, and threads that may be needed start, while
 * modules and rules load. The size of the scan is guessed from outside git; a wrong guess costs or saves time and nothing else.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './file-scan.ts'
import { type GitAnswer, nearestGit } from './git.ts'
import type { ScanOptions } from './options.ts'
import { hasCache } from './scan-cache.ts'
import { sourceOf } from './source.ts'
import { Helpers } from './workers.ts'

export interface Early {
  readonly answer: Promise<GitAnswer | undefined>
  /** Threads, started when the scan looks long. */
  readonly helpers: Helpers
}

/** Bytes of packs, or of an index of files, from which a second thread pays. */
const PACKS_MIN = 4 << 20
const INDEX_MIN = 96 << 10

export function askEarly(options: ScanOptions, cwd: string): Early {
  const helpers = new Helpers()
  // First of all: a thread takes longer to get ready than git to answer.
  if (looksLong(options, cwd)) helpers.start()
  return { answer: answerOf(options, cwd), helpers }
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

async function answerOf(options: ScanOptions, cwd: string): Promise<GitAnswer | undefined> {
  if (options.staged) return (await import('./staged.ts')).stagedChanges(cwd)
  if (options.history) return (await import('./history.ts')).listHistory(cwd, options.range)
  return undefined
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
