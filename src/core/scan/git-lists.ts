/** What git is asked first: its lists of what there is to scan, made while modules and rules load. */
import { type GitAnswer, gitLater } from './git.ts'

/** The changes of the index. */
export function stagedChanges(cwd: string): Promise<GitAnswer> {
  const shape = ['--raw', '-z', '--no-abbrev', '--no-renames', '--no-relative', '-O/dev/null']
  return gitLater(cwd, ['diff', '--cached', ...shape, '--diff-filter=ACMRTUX', '--no-ext-diff', '--no-textconv'])
}

/** The blobs of a history, each with a path. */
export function listHistory(cwd: string, range?: string): Promise<GitAnswer> {
  return gitLater(cwd, [...revList(range), ...ONLY_BLOBS, '--'])
}

const ONLY_BLOBS = ['--filter=object:type=blob', '--filter-provided-objects'] as const

export function revList(range?: string): string[] {
  return ['rev-list', '--objects', range ?? '--all']
}
