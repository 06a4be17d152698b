/**
 * Scans every reachable blob once, whatever the number of commits. Commit and path are looked up for hits only; clean blobs
 * are remembered. What git could not hand over (shallow, partial, damaged) is reported as unread.
 */
import { git, type Repository } from './git.ts'
import { readBlobs } from './blobs.ts'
import { cacheKey, readCache, writeCache } from './scan-cache.ts'
import type { Session } from './session.ts'
import type { SourceHit } from './windows.ts'

export interface HistoryResult {
  readonly cached: number
}

interface BlobList {
  readonly paths: ReadonlyMap<string, string>
  readonly missing: readonly string[]
}

/** `range` is anything `git rev-list` takes; everything reachable by default. */
export async function scanHistory(session: Session, repository: Repository, range?: string): Promise<HistoryResult> {
  const { root, gitDir, isShallow } = repository
  const { coverage } = session
  const digest = cacheKey(session.engine.rules.digest)
  if (isShallow) coverage.miss(root, 'shallow clone: older commits are not here (git fetch --unshallow)')
  const list = listBlobs(root, range)
  if (typeof list === 'string') {
    coverage.miss(root, `git rev-list failed: ${list}`)
    return { cached: 0 }
  }
  for (const oid of list.missing) coverage.miss(oid, 'object is missing in this clone')
  const clean = readCache(gitDir, digest)
  const wanted = [...list.paths.keys()].filter((oid) => !clean.has(oid))
  const cached = list.paths.size - wanted.length
  const hits = await scanBlobs(session, root, { oids: wanted, paths: list.paths, clean })
  attribute(session, repository, { hits, paths: list.paths, range })
  if (wanted.length > 0) writeCache(gitDir, digest, clean)
  return { cached }
}

function listBlobs(root: string, range?: string): BlobList | string {
  const what = range === undefined ? ['--all'] : [range]
  const base = ['rev-list', '--objects', '--missing=print', ...what]
  let answer = git(root, [...base, '--filter=object:type=blob', '--filter-provided-objects', '--'])
  if (answer.status !== 0 && /filter/.test(answer.stderr)) answer = git(root, [...base, '--'])
  if (answer.status !== 0) return answer.stderr.trim().split('\n')[0]?.slice(0, 200) ?? 'unknown reason'
  const paths = new Map<string, string>()
  const missing: string[] = []
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    if (line === '') continue
    if (line.startsWith('?')) missing.push(line.slice(1))
    else {
      const space = line.indexOf(' ')
      paths.set(space < 0 ? line : line.slice(0, space), space < 0 ? '' : line.slice(space + 1))
    }
  }
  return { paths, missing }
}

interface BlobHits {
  readonly oid: string
  readonly hits: readonly SourceHit[]
}

async function scanBlobs(
  session: Session,
  root: string,
  { oids, paths, clean }: { oids: readonly string[]; paths: ReadonlyMap<string, string>; clean: Set<string> },
): Promise<BlobHits[]> {
  const { windows, coverage } = session
  const out: BlobHits[] = []
  let current = ''
  const sink = {
    begin: (oid: string, size: number) => {
      current = oid
      coverage.blobs++
      coverage.bytes += size
      windows.begin(paths.get(oid) ?? '')
    },
    push: (chunk: Buffer) => windows.push(chunk),
    end: () => {
      const hits = windows.end()
      if (windows.isBinary) coverage.binaries++
      if (hits.length === 0) clean.add(current)
      else out.push({ oid: current, hits })
    },
    missing: (oid: string) => coverage.miss(oid, 'object is missing in this clone'),
  }
  try {
    await readBlobs(root, oids, sink)
  } catch (error) {
    coverage.miss(root, `git cat-file failed: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`)
  }
  return out
}

/** Finds the oldest commit that brought each blob with hits. */
function attribute(
  session: Session,
  { root }: Repository,
  { hits, paths, range }: { hits: readonly BlobHits[]; paths: ReadonlyMap<string, string>; range: string | undefined },
): void {
  const commits =
    hits.length === 0 ? new Map<string, string>() : commitsOf(root, new Set(hits.map(({ oid }) => oid)), range)
  for (const { oid, hits: found } of hits) {
    const commit = commits.get(oid)
    for (const hit of found)
      session.add(hit, paths.get(oid) || oid, { blob: oid, ...(commit !== undefined && { commit }) })
  }
}

function commitsOf(root: string, oids: ReadonlySet<string>, range?: string): Map<string, string> {
  const single = oids.size === 1 ? [`--find-object=${[...oids][0]}`] : []
  const shape = [
    '--raw',
    '--no-abbrev',
    '--no-renames',
    '-m',
    '--root',
    '--no-ext-diff',
    '--no-textconv',
    '--format=commit %H',
  ]
  const answer = git(root, [
    'log',
    '--reverse',
    ...shape,
    ...single,
    ...(range === undefined ? ['--all'] : [range]),
    '--',
  ])
  const out = new Map<string, string>()
  let commit = ''
  for (const line of answer.stdout.toString('latin1').split('\n')) {
    if (line.startsWith('commit ')) commit = line.slice(7)
    else if (line.startsWith(':')) {
      const oid = line.split(' ')[3] ?? ''
      if (oids.has(oid) && !out.has(oid)) out.set(oid, commit)
    }
  }
  return out
}
