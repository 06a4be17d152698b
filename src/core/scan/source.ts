/**
 * What a scan reads, by the options of the command: chosen and listed here, before the rules are loaded, and scanned when
 * there is a session. Each source stands in a file of its own and is loaded only when it is wanted.
 */
import { resolve } from 'node:path'
import { fail } from '../errors.ts'
import type { Coverage } from './coverage.ts'
import type { GitAnswer, Repository } from './git.ts'
import { type ScanOptions, sourceOf } from './options.ts'
import type { Session } from './session.ts'
import type { Helpers } from './workers.ts'

/** Scans what was prepared; returns the number of blobs known from an earlier scan. */
export type SourceScan = (session: Session) => Promise<number>

export interface SourceContext {
  readonly cwd: string
  readonly repository: Repository | undefined
  /** Why there is no repository. */
  readonly why: string
  /** What git was asked early: the list of a history or of an index. */
  readonly asked: Promise<GitAnswer | undefined>
  readonly helpers: Helpers
  readonly opening: Promise<Session>
  readonly coverage: Coverage
}

/** Fails when the options name two sources. */
export function check(options: ScanOptions): void {
  const sources = [options.staged, options.history, options.stdin, options.package !== undefined].filter(Boolean).length
  if (sources > 1) fail('USAGE', { what: 'scan-secrets takes one of --staged, --history, --stdin and --package' })
  if (options.history && options.paths.length > 0)
    fail('USAGE', { what: '--history takes a range: A..B, or C^! for one commit' })
  if (sources === 1 && options.paths.length > 0)
    fail('USAGE', { what: 'paths cannot be combined with --staged, --history, --stdin or --package' })
}

export async function prepare(options: ScanOptions, context: SourceContext): Promise<SourceScan> {
  const { repository, why, cwd, coverage, helpers, opening } = context
  const source = sourceOf(options)
  if (source === 'stdin') {
    const { scanStdin } = await import('./stdin.ts')
    return async (session) => scanStdin(session)
  }
  if (source === 'package') return (session) => scanPackage(session, resolve(cwd, options.package ?? ''))
  if (source === 'tree') {
    const { listTree } = await import('./tree.ts')
    return listTree({ cwd, paths: options.paths, repository, why, helpers, opening }, coverage)
  }
  if (repository === undefined) {
    coverage.miss(cwd, why)
    return async () => 0
  }
  return source === 'staged' ? prepareStaged(repository, context) : prepareHistory(options, repository, context)
}

async function scanPackage(session: Session, path: string): Promise<number> {
  const { scanTarball } = await import('./tarball.ts')
  await scanTarball(session, path)
  return 0
}

async function prepareStaged(repository: Repository, { asked }: SourceContext): Promise<SourceScan> {
  const { scanStaged } = await import('./staged.ts')
  return async (session) => {
    const answer = await asked
    if (answer !== undefined) await scanStaged(session, repository, answer)
    return 0
  }
}

async function prepareHistory(
  { range }: ScanOptions,
  repository: Repository,
  { asked, helpers, opening }: SourceContext,
): Promise<SourceScan> {
  const { listBlobs } = await import('./history.ts')
  return listBlobs(repository, { range, helpers, opening, asked })
}
