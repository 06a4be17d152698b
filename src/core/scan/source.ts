/**
 * What a scan reads, by the options of the command: chosen and listed here, before the rules are loaded, and scanned when
 * there is a session. Each source stands in a file of its own and is loaded only when it is wanted.
 */
import { resolve } from 'node:path'
import { fail } from '../errors.ts'
import type { Coverage } from './coverage.ts'
import type { GitAnswer, Repository } from './git.ts'
import type { ScanOptions } from './options.ts'
import type { Session } from './session.ts'

export type Source = 'tree' | 'staged' | 'history' | 'stdin' | 'package'

/** Scans what was prepared; returns the number of blobs known from an earlier scan. */
export type SourceScan = (session: Session) => Promise<number>

export interface SourceContext {
  readonly cwd: string
  readonly repository: Repository | undefined
  /** Why there is no repository. */
  readonly why: string
  /** The answer of `askEarly`. */
  readonly asked: Promise<GitAnswer | undefined>
  readonly hasOwnRules: boolean
  readonly coverage: Coverage
}

export function sourceOf(options: ScanOptions): Source {
  if (options.staged) return 'staged'
  if (options.history) return 'history'
  if (options.stdin) return 'stdin'
  return options.package === undefined ? 'tree' : 'package'
}

/** Fails when the options name two sources. */
export function check(options: ScanOptions): void {
  const sources = [options.staged, options.history, options.stdin, options.package !== undefined].filter(Boolean).length
  if (sources > 1) fail('USAGE', { what: 'scan-secrets takes one of --staged, --history, --stdin and --package' })
  if (sources === 1 && options.paths.length > 0)
    fail('USAGE', { what: 'paths cannot be combined with --staged, --history, --stdin or --package' })
}

/** What git can be asked before it is known whether there is a repository: it works while modules and rules load. */
export async function askEarly(options: ScanOptions, cwd: string): Promise<GitAnswer | undefined> {
  if (options.staged) return (await import('./staged.ts')).stagedChanges(cwd)
  if (options.history) return (await import('./history.ts')).listHistory(cwd, options.range)
  return undefined
}

export async function prepare(options: ScanOptions, context: SourceContext): Promise<SourceScan> {
  const { repository, why, cwd, coverage, hasOwnRules } = context
  const source = sourceOf(options)
  if (source === 'stdin') {
    const { scanStdin } = await import('./stdin.ts')
    return async (session) => scanStdin(session)
  }
  if (source === 'package') return (session) => scanPackage(session, resolve(cwd, options.package ?? ''))
  if (source === 'tree') {
    const [{ listTree }, { Helpers }] = await Promise.all([import('./tree.ts'), import('./workers.ts')])
    return listTree({ cwd, paths: options.paths, repository, why, helpers: new Helpers(hasOwnRules) }, coverage)
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
  { asked, hasOwnRules }: SourceContext,
): Promise<SourceScan> {
  const [{ listBlobs }, { Helpers }] = await Promise.all([import('./history.ts'), import('./workers.ts')])
  return listBlobs(repository, { range, helpers: new Helpers(hasOwnRules), asked })
}
