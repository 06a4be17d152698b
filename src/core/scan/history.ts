/**
 * Scans every reachable blob once, whatever the number of commits. Commit and path are looked up for hits only; clean blobs
 * are remembered. What git could not hand over (shallow, partial, damaged) is reported as unread.
 */
import { ALIKE, type Blob, CLEAN, type Families, HIT, planFamilies } from './families.ts'
import { scanFamilies } from './family-scan.ts'
import { git, type GitAnswer, gitLater, type Repository } from './git.ts'
import { scanBlobs } from './blob-scan.ts'
import { cacheKey, hasCache, readCache, writeCache } from './scan-cache.ts'
import type { Session } from './session.ts'
import type { Helpers } from './workers.ts'

interface BlobList {
  readonly paths: ReadonlyMap<string, string>
  readonly missing: readonly string[]
}

export interface HistoryOptions {
  /** Anything `git rev-list` takes; everything reachable by default. */
  readonly range?: string | undefined
  readonly helpers: Helpers
  /** The answer to `listHistory`, when it was asked early. */
  readonly asked?: Promise<GitAnswer | undefined> | undefined
}

/** Asks git for the blobs; runs while modules and rules load. */
export function listHistory(cwd: string, range?: string): Promise<GitAnswer> {
  return gitLater(cwd, [...revList(range), ...ONLY_BLOBS, '--'])
}

/** Lists the blobs and starts the threads that are worth it. The scan returns how many were known clean. */
export async function listBlobs(
  repository: Repository,
  { range, helpers, asked }: HistoryOptions,
): Promise<(session: Session) => Promise<number>> {
  const { root, gitDir } = repository
  const list = blobsOf(root, (await asked) ?? (await listHistory(root, range)), range)
  // With a cache most blobs are known: how many are left is seen when the rules are there.
  if (typeof list !== 'string' && list.paths.size >= BLOBS_MIN && !hasCache(gitDir)) helpers.start()
  return (session) => scanHistory(session, repository, { range, helpers, list })
}

interface ListedHistory {
  readonly range: string | undefined
  readonly helpers: Helpers
  /** Why there is no list. */
  readonly list: BlobList | string
}

async function scanHistory(
  session: Session,
  { root, gitDir, isShallow }: Repository,
  { range, helpers, list }: ListedHistory,
): Promise<number> {
  const { coverage } = session
  const digest = cacheKey(session.engine.rules.digest)
  if (isShallow) coverage.miss(root, 'shallow clone: older commits are not here (git fetch --unshallow)')
  if (typeof list === 'string') {
    coverage.miss(root, `git rev-list failed: ${list}`)
    return 0
  }
  for (const oid of list.missing) coverage.miss(oid, 'object is missing in this clone')
  const clean = readCache(gitDir, digest)
  const wanted = [...list.paths].filter(([oid]) => !clean.has(oid))
  const families = planFamilies(gitDir, wanted)
  const left = families === undefined ? wanted : await scanPacked(session, families, { wanted, clean, helpers })
  for (const oid of await scanShares(session, root, left, helpers)) clean.add(oid)
  order(session, wanted)
  attribute(session, root, range)
  if (wanted.length > 0) writeCache(gitDir, digest, clean)
  return list.paths.size - wanted.length
}

interface Packed {
  readonly wanted: readonly Blob[]
  /** Gets the ids of blobs without hits. */
  readonly clean: Set<string>
  readonly helpers: Helpers
}

/** Scans what can be read from the packs; returns what is left to git. */
async function scanPacked(session: Session, families: Families, { wanted, clean, helpers }: Packed): Promise<Blob[]> {
  if (families.weight < WEIGHT_MIN) await helpers.stop()
  else helpers.start()
  const { done } = helpers.hand(session, () => ({ kind: 'families', families }))
  scanFamilies(session, families)
  await done
  const left: Blob[] = []
  for (const [n, blob] of wanted.entries()) {
    const state = families.state[n]
    if (state === CLEAN || state === ALIKE) clean.add(blob[0])
    else if (state !== HIT) left.push(blob)
  }
  return left
}

/** Findings in the order of the list, whoever found them first. */
function order(session: Session, wanted: readonly Blob[]): void {
  if (session.findings.length === 0) return
  const places = new Map(wanted.map(([oid], n) => [oid, n]))
  session.findings.sort((a, b) => (places.get(a.blob ?? '') ?? 0) - (places.get(b.blob ?? '') ?? 0))
}

const ONLY_BLOBS = ['--filter=object:type=blob', '--filter-provided-objects'] as const

function revList(range?: string): string[] {
  return ['rev-list', '--objects', '--missing=print', range ?? '--all']
}

function blobsOf(root: string, first: GitAnswer, range?: string): BlobList | string {
  // An older git does not know the filter and lists trees too.
  const isOld = first.status !== 0 && /filter/.test(first.stderr)
  const answer = isOld ? git(root, [...revList(range), '--']) : first
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
  return { paths: isOld ? onlyBlobs(root, paths) : paths, missing }
}

function onlyBlobs(root: string, paths: ReadonlyMap<string, string>): Map<string, string> {
  const input = Buffer.from([...paths.keys()].map((oid) => `${oid}\n`).join(''))
  const answer = git(root, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], input)
  const lines = answer.stdout.toString('latin1').split('\n')
  const others = new Set(lines.filter((line) => / (?:tree|commit|tag)$/.test(line)).map((line) => line.split(' ')[0]))
  return new Map([...paths].filter(([oid]) => !others.has(oid)))
}

/** Fewer packed bytes than this are read before a second thread has started. */
const WEIGHT_MIN = 3 << 20

/** Fewer blobs than this cost more on two threads (start, cold code, a second git) than they gain: by CPU time on 8042. */
const BLOBS_MIN = 4000

async function scanShares(session: Session, root: string, blobs: readonly Blob[], helpers: Helpers): Promise<string[]> {
  if (blobs.length < BLOBS_MIN) await helpers.stop()
  else helpers.start()
  const parts = helpers.size + 1
  // Neighbours in the list are versions of one file: git unpacks them together, so each share is one piece of it.
  const share = (index: number) =>
    blobs.slice(Math.floor((index * blobs.length) / parts), Math.floor(((index + 1) * blobs.length) / parts))
  const { done } = helpers.hand(session, (index) => ({ kind: 'blobs', root, blobs: share(index + 1) }))
  const own = await scanBlobs(session, root, share(0))
  return [own, ...(await done).map(({ clean }) => clean)].flat()
}

/** Finds the oldest commit that brought each blob with findings. */
function attribute(session: Session, root: string, range: string | undefined): void {
  const oids = new Set(session.findings.flatMap(({ blob }) => blob ?? []))
  if (oids.size === 0) return
  const commits = commitsOf(root, oids, range)
  for (const [i, finding] of session.findings.entries()) {
    const commit = commits.get(finding.blob ?? '')
    if (commit !== undefined) session.findings[i] = { ...finding, commit }
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
