/**
 * The entry point of `mm scan-secrets`: options in, report out. Canary first; then the source; then exceptions; then the verdict.
 * It opens no connection and loads no module that could.
 */
import { readSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EXIT, fail } from '../errors.ts'
import { BASELINE_FILE, newSalt, readBaseline, writeBaseline } from './baseline.ts'
import { missedCanaries } from './canary.ts'
import type { Coverage } from './coverage.ts'
import { isInside, listFolder, listRepository, splitPaths } from './file-list.ts'
import { codeOf, type FileTask, reason } from './file-scan.ts'
import { DEFAULT_SALT, type Finding, fails } from './finding.ts'
import { findRepository, type GitAnswer, NOT_INSTALLED, type Repository } from './git.ts'
import type { ScanOptions } from './options.ts'
import { applyPolicy, POLICY_FILE, type Policy, readPolicy } from './policy.ts'
import { builtInRules, compileRules, type RuleSet } from './rule-set.ts'
import { Session } from './session.ts'
import type { Simd } from './simd.ts'

export interface ScanReport {
  readonly source: string
  readonly root: string
  readonly findings: readonly Finding[]
  readonly coverage: Coverage
  readonly rules: RuleSet
  readonly builtIn: number
  readonly cachedBlobs: number
  /** Files that decided about exceptions, by name. */
  readonly exceptions: readonly string[]
  readonly written?: string
  readonly durationMs: number
  readonly exit: number
}

export interface ScanContext {
  readonly cwd: string
  readonly nowMs: number
  readonly elapsedMs: () => number
}

export async function runScan(options: ScanOptions, context: ScanContext): Promise<ScanReport> {
  check(options)
  const staged = options.staged
    ? import('./staged.ts').then(({ stagedChanges }) => stagedChanges(context.cwd))
    : undefined
  const listed = options.history
    ? import('./history.ts').then(({ listHistory }) => listHistory(context.cwd, options.range))
    : undefined
  // A commit hook reads little and starts without them.
  const vectors = isLong(options) ? vectorFinders() : undefined
  const [answer, builtIn] = await Promise.all([findRepository(context.cwd), builtInRules(), vectors])
  const repository = 'found' in answer ? answer.found : undefined
  const root = repository?.root ?? context.cwd
  const policyPath = resolve(context.cwd, options.allowlist ?? join(root, POLICY_FILE))
  const policy = await readPolicy(policyPath, options.allowlist !== undefined, context.nowMs)
  const baselinePath = resolve(context.cwd, options.baseline ?? join(root, BASELINE_FILE))
  const baseline = readBaseline(baselinePath)
  const rules = policy.rules.length === 0 ? builtIn : withOwn(builtIn, policy)
  const known = 'baseline' in baseline ? baseline.baseline : undefined
  const salt = policy.salt ?? known?.salt ?? DEFAULT_SALT
  const collectSalt = options.writeBaseline ? (known?.salt ?? newSalt()) : undefined
  const finders = policy.rules.length === 0 ? await vectors : undefined
  const session = new Session(
    {
      rules,
      salt,
      nowMs: context.nowMs,
      ...(known !== undefined && !options.writeBaseline && { baseline: known }),
      ...(collectSalt !== undefined && { collectSalt }),
    },
    finders,
  )
  const missed = missedCanaries(session.engine)
  if (missed.length > 0) fail('SCAN_CANARY', { rules: missed.join(', ') })
  const { coverage } = session
  if (policy.problem !== undefined) coverage.miss(policyPath, `allowlist: ${policy.problem}`)
  if ('problem' in baseline) coverage.miss(baselinePath, `baseline: ${baseline.problem}`)
  else if ('absent' in baseline && options.baseline !== undefined && !options.writeBaseline)
    coverage.miss(baselinePath, 'baseline: no such file')
  const cachedBlobs = await read(options, session, {
    ...context,
    repository,
    staged,
    listed,
    hasOwnRules: policy.rules.length > 0,
    why: 'reason' in answer ? answer.reason : '',
  })
  if (collectSalt !== undefined) writeBaseline(baselinePath, { salt: collectSalt, fingerprints: session.collected })
  const isWholeTree = sourceOf(options) === 'tree' && options.paths.length === 0 && coverage.unreadCount === 0
  const judged = applyPolicy([...session.findings, ...policy.findings], policy, isWholeTree)
  const findings = [...judged].sort((a, b) => order(a, b))
  return {
    source: sourceOf(options),
    root,
    findings,
    coverage,
    rules,
    builtIn: builtIn.rules.length,
    cachedBlobs,
    exceptions: [...(policy.path === '' ? [] : [policy.path]), ...(known === undefined ? [] : [baselinePath])],
    ...(collectSalt !== undefined && { written: baselinePath }),
    durationMs: context.elapsedMs(),
    exit: exitOf(findings, coverage, options),
  }
}

/** Whether there may be much to read. */
function isLong(options: ScanOptions): boolean {
  return sourceOf(options) === 'tree' || sourceOf(options) === 'history'
}

/**
 * The finders do nearly all the work, so the compilers of V8 are told to leave JavaScript alone until it is really hot: half
 * a second of a scan is too short to earn back what two threads compile. What dies young stays in a small nursery.
 */
const ENGINE_FLAGS = [
  '--invocation-count-for-maglev=5000',
  '--invocation-count-for-turbofan=100000',
  '--semi-space-growth-factor=1',
] as const

/** Made while git answers. */
async function vectorFinders(): Promise<Simd | undefined> {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag)
  const [{ Simd, simdParts }, rules] = await Promise.all([import('./simd.ts'), builtInRules()])
  const parts = simdParts(rules)
  return parts && new Simd(parts)
}

/** A finding decides; without one, anything unread does: clean is said only of what was read. */
function exitOf(
  findings: readonly Finding[],
  coverage: Coverage,
  { strict, writeBaseline: isWriting }: ScanOptions,
): number {
  const isNo = findings.some((finding) => (isWriting ? false : fails(finding) || (strict && finding.tier !== 'review')))
  if (isNo) return EXIT.no
  return coverage.unreadCount > 0 ? EXIT.unknown : EXIT.ok
}

function order(a: Finding, b: Finding): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line || a.column - b.column
}

function withOwn(builtIn: RuleSet, policy: Policy): RuleSet {
  const clash = policy.rules.find(({ id }) => builtIn.byId.has(id))
  if (clash !== undefined) fail('SCAN_RULE_CLASH', { id: clash.id, path: policy.path })
  return compileRules([...builtIn.rules, ...policy.rules])
}

type Source = 'tree' | 'staged' | 'history' | 'stdin' | 'package'

function sourceOf(options: ScanOptions): Source {
  if (options.staged) return 'staged'
  if (options.history) return 'history'
  if (options.stdin) return 'stdin'
  return options.package === undefined ? 'tree' : 'package'
}

function check(options: ScanOptions): void {
  const sources = [options.staged, options.history, options.stdin, options.package !== undefined].filter(Boolean).length
  if (sources > 1) fail('USAGE', { what: 'scan-secrets takes one of --staged, --history, --stdin and --package' })
  if (sources === 1 && options.paths.length > 0)
    fail('USAGE', { what: 'paths cannot be combined with --staged, --history, --stdin or --package' })
}

interface ReadContext extends ScanContext {
  readonly repository: Repository | undefined
  readonly why: string
  readonly staged: Promise<GitAnswer> | undefined
  /** Blobs of the history. */
  readonly listed: Promise<GitAnswer> | undefined
  readonly hasOwnRules: boolean
}

/** Reads the source; returns the number of blobs known from an earlier scan. */
async function read(options: ScanOptions, session: Session, context: ReadContext): Promise<number> {
  const { repository, why, cwd } = context
  const source = sourceOf(options)
  if (source === 'stdin') return readStdin(session)
  if (source === 'package') {
    const { scanTarball } = await import('./tarball.ts')
    await scanTarball(session, resolve(cwd, options.package ?? ''))
    return 0
  }
  if (source === 'tree') return readTree(options, session, context)
  if (repository === undefined) {
    session.coverage.miss(cwd, why)
    return 0
  }
  if (source === 'staged') {
    const { scanStaged } = await import('./staged.ts')
    if (context.staged !== undefined) await scanStaged(session, repository, await context.staged)
    return 0
  }
  const [{ scanHistory }, { Helpers }] = await Promise.all([import('./history.ts'), import('./workers.ts')])
  const helpers = new Helpers(session, context.hasOwnRules)
  return (await scanHistory(session, repository, { range: options.range, helpers, listed: context.listed })).cached
}

async function readTree(options: ScanOptions, session: Session, context: ReadContext): Promise<number> {
  const { repository, cwd, why } = context
  const { coverage } = session
  const { FILES_MIN, Helpers, packTasks, scanTasks } = await import('./workers.ts')
  const helpers = new Helpers(session, context.hasOwnRules)
  if (repository?.isBare === true && options.paths.length === 0) {
    const { scanHistory } = await import('./history.ts')
    coverage.skip(repository.root, 'bare repository: the files of HEAD were scanned')
    return (await scanHistory(session, repository, { range: 'HEAD^{tree}', helpers })).cached
  }
  if (why.startsWith('git ') && why !== NOT_INSTALLED) coverage.skip(cwd, `${why}: scanned as a plain folder`)
  const onFiles = (count: number) => void (count >= FILES_MIN && helpers.start())
  const tasks = listTasks(options, coverage, { ...context, onFiles })
  await scanTasks(session, packTasks(tasks, repository?.root ?? cwd), helpers)
  if (repository !== undefined && !repository.isBare) {
    const { insistOnInput, scanAbsent } = await import('./absent.ts')
    const wanted = options.paths.map((path) => resolve(cwd, path))
    await scanAbsent(session, repository, (path) => wanted.length === 0 || wanted.some((at) => isInside(path, at)))
    if (wanted.length === 0) insistOnInput(session, repository)
  }
  return 0
}

interface ListContext extends ReadContext {
  /** Told how many files a walk has found so far. */
  readonly onFiles: (count: number) => void
}

function listTasks({ paths }: ScanOptions, coverage: Coverage, { cwd, repository, onFiles }: ListContext): FileTask[] {
  if (paths.length === 0)
    return repository === undefined ? listFolder(cwd, cwd, coverage, onFiles) : listRepository(repository, [], coverage)
  const { files, folders } = splitPaths(
    paths.map((path) => resolve(cwd, path)),
    coverage,
  )
  const root = repository?.root ?? cwd
  const tasks: FileTask[] = files.map((open) => ({
    open,
    display: isInside(open, root) ? open.slice(root.length + 1) : open,
  }))
  for (const folder of folders) {
    const inside = repository !== undefined && !repository.isBare && isInside(folder, repository.root)
    const listed = inside ? listRepository(repository, [folder], coverage) : listFolder(folder, root, coverage)
    // An ignored folder that somebody names is meant.
    tasks.push(...(inside && listed.length === 0 ? listFolder(folder, root, coverage) : listed))
  }
  return tasks
}

function readStdin(session: Session): number {
  const { windows, coverage } = session
  windows.begin('(stdin)')
  for (;;) {
    const offset = windows.offset
    const count = readSome(windows.buffer, offset, coverage)
    if (count <= 0) break
    windows.filled(count)
    coverage.bytes += count
  }
  coverage.files++
  for (const hit of windows.end()) session.add(hit, '(stdin)')
  // A pipe that nobody wrote to: whatever should have come was not looked at.
  if (coverage.bytes === 0) coverage.miss('(stdin)', 'no input')
  return 0
}

function readSome(buffer: Buffer, offset: number, coverage: Coverage): number {
  for (;;) {
    try {
      return readSync(0, buffer, offset, buffer.length - offset, null)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') {
        coverage.miss('(stdin)', reason(error))
        return 0
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
