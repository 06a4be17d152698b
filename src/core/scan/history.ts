/**
 * Scans every reachable blob once, whatever the number of commits. Commit and path are looked up for hits only; clean blobs
 * are remembered. What git could not hand over (shallow, partial, damaged) is reported as unread.
 */
import { type Blob, BlobList, readBlobList } from './blob-list.ts'
import { scanBlobs } from './blob-scan.ts'
import { ALIKE, CLEAN, type Families, LEFT, planFamilies } from './families.ts'
import { FamilyScan } from './family-scan.ts'
import { isConfigPath } from './file-kind.ts'
import { git, type GitAnswer, gitLater, type Repository } from './git.ts'
import { listHistory, revList } from './git-lists.ts'
import { cacheKey, type CleanIds, hasCache, readCache, writeCache } from './scan-cache.ts'
import { hasLongRun, type Session } from './session.ts'
import type { Helpers } from './workers.ts'

interface Listed {
  readonly list: BlobList
  readonly missing: readonly string[]
  /** Why git did not list everything. */
  readonly problem?: string
}

export interface HistoryOptions {
  /** Anything `git rev-list` takes; everything reachable by default. */
  readonly range?: string | undefined
  readonly helpers: Helpers
  readonly opening: Promise<Session>
  /** The answer to `listHistory`, when it was asked early. */
  readonly asked?: Promise<GitAnswer | undefined> | undefined
}

/** Lists the blobs and starts the threads that are worth it. The scan returns how many were known clean. */
export async function listBlobs(
  repository: Repository,
  { range, helpers, opening, asked }: HistoryOptions,
): Promise<(session: Session) => Promise<number>> {
  const { root, gitDir } = repository
  let isListed = false
  const proving = opening.then(async (session) => {
    // What git has said meanwhile is heard first: other threads wait for their shares.
    await new Promise((resolve) => setImmediate(resolve))
    if (!isListed) session.prove()
  })
  // Heard when the scan begins.
  proving.catch(() => undefined)
  const answer = (await asked) ?? (await listHistory(root, range))
  isListed = true
  const list = listOf(root, answer, range)
  // With a cache most blobs are known: how many are left is seen when the rules are there.
  if (typeof list !== 'string' && list.list.count >= BLOBS_MIN && !hasCache(gitDir)) helpers.start()
  return async (session) => {
    await proving
    return scanHistory(session, repository, { range, helpers, list })
  }
}

interface ListedHistory {
  readonly range: string | undefined
  readonly helpers: Helpers
  /** Why there is no list. */
  readonly list: Listed | string
}

async function scanHistory(
  session: Session,
  { root, gitDir, isShallow }: Repository,
  { range, helpers, list }: ListedHistory,
): Promise<number> {
  const { coverage } = session
  if (isShallow) coverage.miss(root, 'shallow clone: older commits are not here (git fetch --unshallow)')
  if (typeof list === 'string') {
    coverage.miss(root, `git rev-list failed: ${list}`)
    return 0
  }
  if (list.problem !== undefined)
    coverage.miss(root, `git rev-list failed: ${list.problem}; read is what the other refs reach`)
  for (const oid of list.missing) coverage.miss(oid, 'object is missing in this clone')
  // Hashes are needed late where there is no cache: other threads wait for their shares.
  let digest: string | undefined
  const key = () => (digest ??= cacheKey(session.engine.rules.digest))
  const clean = hasCache(gitDir) ? readCache(gitDir, key()) : new Map<string, boolean>()
  const isKnown = (n: number) => {
    const isAnywhere = clean.get(list.list.idOf(n))
    return isAnywhere === true || (isAnywhere === false && !isConfigPath(list.list.pathOf(n)))
  }
  const wanted = clean.size === 0 ? list.list : without(list.list, isKnown)
  const families = planFamilies(gitDir, wanted)
  const state = families?.state ?? new Uint8Array(wanted.count)
  const changes = new Changes(root, range)
  const meanwhile = () => lookAtNames(session, list.list)
  if (families === undefined) meanwhile()
  else await scanPacked(session, families, { helpers, changes, blobs: wanted, key, meanwhile })
  const left: Blob[] = []
  for (let n = 0; n < wanted.count; n++) if (state[n] === LEFT) left.push([wanted.idOf(n), wanted.pathOf(n)])
  const paths = new Map(left)
  for (const oid of await scanShares(session, root, left, helpers)) clean.set(oid, isConfigPath(paths.get(oid) ?? ''))
  const isClean = (n: number) => state[n] === CLEAN || state[n] === ALIKE
  order(session, wanted, isClean)
  await attribute(session, changes)
  if (wanted.count > 0)
    writeCache(
      gitDir,
      key(),
      cleanIds(wanted, clean, (n) => (isClean(n) ? families?.isConfig[n] : undefined)),
    )
  return list.list.count - wanted.count
}

/** Of the list and of what was known before; `kindOf` says 1 for settings, 0 for code, nothing for what is not clean. */
function cleanIds(
  blobs: BlobList,
  known: ReadonlyMap<string, boolean>,
  kindOf: (n: number) => number | undefined,
): CleanIds {
  const before = (wanted: boolean) =>
    Buffer.from([...known].flatMap(([id, is]) => (is === wanted ? id : [])).join(''), 'hex')
  const ids = (kind: number) => Buffer.concat([before(kind === 1), blobs.idsWhere((n) => kindOf(n) === kind)])
  return { width: blobs.digits / 2, asCode: ids(0), anywhere: ids(1) }
}

interface Packed {
  readonly blobs: BlobList
  readonly helpers: Helpers
  readonly changes: Changes
  readonly key: () => string
  /** What is to do while another thread is still busy. */
  readonly meanwhile: () => void
}

/** Scans what can be read from the packs. With the first finding git starts to look for its commit. */
async function scanPacked(
  session: Session,
  families: Families,
  { blobs, helpers, changes, key, meanwhile }: Packed,
): Promise<void> {
  if (families.weight < WEIGHT_MIN) await helpers.stop()
  else helpers.start()
  const done = helpers.hand(session, () => ({ kind: 'families', families }))
  session.prove()
  // Now, while others work, and not when all wait for the end.
  key()
  const scan = new FamilyScan(session, families, blobs)
  while (scan.batch()) if (session.findings.length > 0) void changes.ask()
  scan.close()
  meanwhile()
  await done
}

/** Tokens in names, each name once, also of blobs that are known to be clean. */
function lookAtNames(session: Session, blobs: BlobList): void {
  const seen = new Set<string>()
  for (let n = 0; n < blobs.count; n++) {
    const path = blobs.pathOf(n)
    if (!hasLongRun(path) || seen.has(path)) continue
    seen.add(path)
    session.name(path, { blob: blobs.idOf(n) })
  }
}

/** Findings in the order of the list, whoever found them first. */
function order(session: Session, wanted: BlobList, isClean: (n: number) => boolean): void {
  const oids = new Set(session.findings.map(({ blob }) => blob ?? ''))
  if (oids.size < 2) return
  const places = new Map<string, number>()
  for (let n = 0; n < wanted.count; n++) {
    if (isClean(n)) continue
    const oid = wanted.idOf(n)
    if (oids.has(oid)) places.set(oid, n)
  }
  session.findings.sort((a, b) => (places.get(a.blob ?? '') ?? 0) - (places.get(b.blob ?? '') ?? 0))
}

function listOf(root: string, first: GitAnswer, range?: string): Listed | string {
  // Behind the filter a missing tree would not be named: anything missing is an error there, and then all is listed, trees
  // too. An older git does not know the filter.
  const isPartial = first.status !== 0
  const answer = isPartial ? git(root, [...revList(range), '--missing=print', '--']) : first
  if (answer.status === 0) return listed(root, answer, isPartial)
  const problem = answer.stderr.trim().split('\n')[0]?.slice(0, 200) ?? 'unknown reason'
  const others = range === undefined ? fromGoodRefs(root) : undefined
  return others === undefined ? problem : { ...listed(root, others, true), problem }
}

function listed(root: string, { stdout }: GitAnswer, hasTrees: boolean): Listed {
  const { list, missing } = readBlobList(stdout.toString('utf8'))
  return { list: hasTrees ? onlyBlobs(root, list) : list, missing }
}

/** One ref that leads nowhere makes `--all` fail: the others are still read. */
function fromGoodRefs(root: string): GitAnswer | undefined {
  const names = git(root, ['for-each-ref', '--format=%(objectname)']).stdout.toString('latin1').split('\n')
  const head = git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).stdout.toString('latin1').trim()
  const there = typesOf(
    root,
    [...new Set([...names, head])].filter((name) => name !== ''),
  )
  const tips = [...there.keys()]
  if (tips.length === 0) return undefined
  const answer = git(root, ['rev-list', '--objects', '--missing=print', '--stdin'], Buffer.from(`${tips.join('\n')}\n`))
  return answer.status === 0 ? answer : undefined
}

function onlyBlobs(root: string, list: BlobList): BlobList {
  const types = typesOf(
    root,
    list.lines.map((_, n) => list.idOf(n)),
  )
  return without(list, (n) => (types.get(list.idOf(n)) ?? 'blob') !== 'blob')
}

/** Types of the objects that are there, by id. */
function typesOf(root: string, oids: readonly string[]): Map<string, string> {
  const input = Buffer.from(oids.map((oid) => `${oid}\n`).join(''))
  const { stdout } = git(root, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], input)
  const out = new Map<string, string>()
  for (const [, oid = '', type = ''] of stdout.toString('latin1').matchAll(/^(\w+) (blob|tree|commit|tag)$/gm))
    out.set(oid, type)
  return out
}

function without(list: BlobList, isGone: (n: number) => boolean): BlobList {
  return new BlobList(list.lines.filter((_, n) => !isGone(n)))
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
  const done = helpers.hand(session, (index) => ({ kind: 'blobs', root, blobs: share(index + 1) }))
  session.prove()
  const own = await scanBlobs(session, root, share(0))
  return [own, ...(await done).map(({ clean }) => clean)].flat()
}

/** Finds the oldest commit that brought each blob with findings. */
async function attribute(session: Session, changes: Changes): Promise<void> {
  const oids = new Set(session.findings.flatMap(({ blob }) => blob ?? []))
  if (oids.size === 0) return
  const commits = commitsOf(oids, await changes.ask())
  for (const [i, finding] of session.findings.entries()) {
    const commit = commits.get(finding.blob ?? '')
    if (commit !== undefined) session.findings[i] = { ...finding, commit }
  }
}

/** What every commit changed, the oldest first: asked once, when it is needed. */
class Changes {
  private readonly root: string
  private readonly range: string | undefined
  private answer: Promise<GitAnswer> | undefined

  constructor(root: string, range: string | undefined) {
    this.root = root
    this.range = range
  }

  ask(): Promise<GitAnswer> {
    const shape = ['--raw', '--no-abbrev', '--no-renames', '-m', '--root', '--no-ext-diff', '--no-textconv']
    this.answer ??= gitLater(this.root, [
      'log',
      '--reverse',
      ...shape,
      '--format=commit %H',
      this.range ?? '--all',
      '--',
    ])
    return this.answer
  }
}

/** The first commit in `git log --raw`, the oldest first, in which each of the blobs is the new side of a change. */
function commitsOf(oids: ReadonlySet<string>, { stdout }: GitAnswer): Map<string, string> {
  const text = stdout.toString('latin1')
  const out = new Map<string, string>()
  const digits = [...oids][0]?.length ?? 0
  // `:100644 100644 <old> <new> M\t<path>`
  const newSide = 16 + digits
  const beginnings = new Set([...oids].map((oid) => beginningOf(oid, 0)))
  let commit = ''
  for (let at = 0, next = 0; at < text.length && out.size < oids.size; at = next) {
    next = text.indexOf('\n', at) + 1
    if (next === 0) next = text.length
    if (text[at] === 'c') commit = text.slice(at + 'commit '.length, next - 1)
    if (text[at] !== ':' || !beginnings.has(beginningOf(text, at + newSide))) continue
    const oid = text.slice(at + newSide, at + newSide + digits)
    if (oids.has(oid) && !out.has(oid)) out.set(oid, commit)
  }
  return out
}

/** The first digits of an id as a number: most lines are of others, and no text is made of them. */
function beginningOf(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)
}
