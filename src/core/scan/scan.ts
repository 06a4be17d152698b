/**
 * The entry point of `mm scan-secrets`: options in, report out. Canary first; then the source; then exceptions; then the verdict.
 * It opens no connection and loads no module that could.
 */
import { join, resolve } from 'node:path'
import { EXIT, fail } from '../errors.ts'
import { BASELINE_FILE, newSalt, readBaseline, writeBaseline } from './baseline.ts'
import { Coverage } from './coverage.ts'
import { askEarly, type Early } from './early.ts'
import { DEFAULT_SALT, type Finding, fails } from './finding.ts'
import { type ScanOptions, type Source, sourceOf } from './options.ts'
import { applyPolicy, POLICY_FILE, type Policy, readPolicy } from './policy.ts'
import { builtInRules, compileRules, type RuleSet } from './rule-set.ts'
import { Session, type SessionOptions } from './session.ts'
import type { Simd } from './simd.ts'
import { check, prepare } from './source.ts'
import { Helpers } from './workers.ts'

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
  /** Allowed findings fail, too. */
  readonly isStrict: boolean
}

export interface ScanContext {
  readonly cwd: string
  readonly nowMs: number
  readonly elapsedMs: () => number
  /** What was asked before the scanner was loaded. */
  readonly early?: Early | undefined
}

export async function runScan(options: ScanOptions, context: ScanContext): Promise<ScanReport> {
  check(options)
  const source = sourceOf(options)
  const { repository: finding, list: asked, threads } = context.early ?? askEarly(options, context.cwd)
  const helpers = new Helpers(threads)
  const loading = builtInRules()
  const answer = await finding
  const repository = 'found' in answer ? answer.found : undefined
  const root = repository?.root ?? context.cwd
  const policyPath = resolve(context.cwd, options.allowlist ?? join(root, POLICY_FILE))
  const isWanted = options.allowlist !== undefined
  const policy = readPolicy(policyPath, { isWanted, shown: below(policyPath, root), nowMs: context.nowMs })
  if (policy.rules.length > 0) await helpers.forbid()
  const baselinePath = resolve(context.cwd, options.baseline ?? join(root, BASELINE_FILE))
  const baseline = readBaseline(baselinePath)
  if (options.writeBaseline && 'problem' in baseline)
    fail('SCAN_BASELINE', { path: baselinePath, reason: baseline.problem })
  const coverage = new Coverage()
  const why = 'reason' in answer ? answer.reason : ''
  const known = 'baseline' in baseline ? baseline.baseline : undefined
  const collectSalt = options.writeBaseline ? (known?.salt ?? newSalt()) : undefined
  // git lists what there is to read while rules are loaded and tried.
  const opening = openSession({
    loading,
    policy,
    source,
    coverage,
    helpers,
    options: {
      salt: policy.salt ?? known?.salt ?? DEFAULT_SALT,
      nowMs: context.nowMs,
      ...(known !== undefined && !options.writeBaseline && { baseline: known }),
      ...(collectSalt !== undefined && { collectSalt }),
    },
  })
  const preparing = prepare(options, { cwd: context.cwd, repository, asked, helpers, opening, why, coverage })
  const [scan, session] = await Promise.all([preparing, opening])
  if (policy.problem !== undefined) coverage.miss(policyPath, `allowlist: ${policy.problem}`)
  if ('problem' in baseline) coverage.miss(baselinePath, `baseline: ${baseline.problem}`)
  else if ('absent' in baseline && options.baseline !== undefined && !options.writeBaseline)
    coverage.miss(baselinePath, 'baseline: no such file')
  const cachedBlobs = await scan(session)
  session.prove()
  const isWhole =
    isLong(source) && options.paths.length === 0 && options.range === undefined && coverage.unreadCount === 0
  if (collectSalt !== undefined) {
    // What was not looked at stays known.
    const kept = isWhole ? [] : (known?.fingerprints ?? [])
    writeBaseline(baselinePath, { salt: collectSalt, fingerprints: new Set([...session.collected, ...kept]) })
  }
  const judged = applyPolicy([...session.findings, ...policy.findings], policy, isWhole && source === 'tree')
  const mask = (text: string) => session.shown(text)
  const findings = judged.map((finding) => masked(finding, mask)).sort((a, b) => order(a, b))
  coverage.mask(mask)
  return {
    source,
    root,
    findings,
    coverage,
    rules: session.options.rules,
    builtIn: (await loading).rules.length,
    cachedBlobs,
    exceptions: [...(policy.path === '' ? [] : [policy.path]), ...(known === undefined ? [] : [baselinePath])].map(
      mask,
    ),
    ...(collectSalt !== undefined && { written: mask(baselinePath) }),
    durationMs: context.elapsedMs(),
    exit: exitOf(findings, coverage, options),
    isStrict: options.strict,
  }
}

interface Opening {
  readonly loading: Promise<RuleSet>
  readonly policy: Policy
  readonly source: Source
  readonly options: Omit<SessionOptions, 'rules'>
  readonly coverage: Coverage
  readonly helpers: Helpers
}

async function openSession({ loading, policy, source, options, coverage, helpers }: Opening): Promise<Session> {
  const builtIn = await loading
  const hasOwn = policy.rules.length > 0
  const rules = hasOwn ? withOwn(builtIn, policy) : builtIn
  // A commit hook reads little and starts without them.
  const isFast = isLong(source) && !hasOwn
  const session = new Session({ ...options, rules }, isFast ? await vectorFinders(builtIn) : undefined, coverage)
  helpers.tell(session)
  return session
}

/** Where there may be much to read. */
function isLong(source: Source): boolean {
  return source === 'tree' || source === 'history'
}

function below(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}

/** Words of the exceptions file are shown: a token in them is not. */
function masked(finding: Finding, mask: (text: string) => string): Finding {
  const { title, reason, allowed } = finding
  return {
    ...finding,
    title: mask(title),
    reason: mask(reason),
    ...(allowed !== undefined && { allowed: mask(allowed) }),
  }
}

async function vectorFinders(rules: RuleSet): Promise<Simd | undefined> {
  const { Simd, simdParts } = await import('./simd.ts')
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
