/**
 * The file of exceptions and own rules (`.mm-secrets.yaml`). Every exception names a rule, a reason, an owner and an end;
 * what is expired, unused or without a reason is a finding of its own. Built-in rules cannot be switched off here.
 */
import type * as Yaml from 'yaml'
import { readText } from './exceptions-file.ts'
import type { Finding } from './finding.ts'
import { ownRuleFault } from './own-rules.ts'
import { isEverything, matchesPath } from './path-glob.ts'
import type { Rule, Severity } from './rule.ts'
import { longest } from './rule-set.ts'
import { parsePattern } from './sample.ts'

export const POLICY_FILE = '.mm-secrets.yaml'
const DAY_MS = 86_400_000
const DAYS_MAX = 365
const REASON_MIN = 10

export interface AllowEntry {
  readonly rule: string
  readonly path?: string
  readonly fingerprint?: string
  readonly reason: string
  readonly owner: string
  readonly expires: string
  /** 1-based number in the file. */
  readonly number: number
}

export interface Policy {
  readonly path: string
  /** The path as findings show it. */
  readonly shown: string
  readonly salt?: string
  readonly allow: readonly AllowEntry[]
  readonly rules: readonly Rule[]
  /** Entries that may not be used, as findings. */
  readonly findings: readonly Finding[]
  /** Why the file could not be used at all. */
  readonly problem?: string
}

const NONE: Policy = { path: '', shown: '', allow: [], rules: [], findings: [] }

export interface PolicyOptions {
  /** Somebody named the file, so that its absence is a problem. */
  readonly isWanted: boolean
  /** The path as findings show it. */
  readonly shown: string
  readonly nowMs: number
}

export function readPolicy(path: string, options: PolicyOptions): Policy {
  const none: Policy = { ...NONE, path, shown: options.shown }
  const answer = readText(path)
  if ('absent' in answer) return options.isWanted ? { ...none, problem: 'no such file' } : NONE
  if ('problem' in answer) return { ...none, problem: answer.problem }
  try {
    // Not by `import()`: the bundle runs as a script, which has none. Loaded here: most repositories have no such file.
    const { createRequire } = process.getBuiltinModule('node:module')
    const { parse } = createRequire(import.meta.url)('yaml') as typeof Yaml
    return fromDocument(parse(answer.text, { logLevel: 'error' }), none, options.nowMs)
  } catch (error) {
    // What the parser says may repeat the text.
    const line = error instanceof Error && 'linePos' in error ? lineOf(error.linePos) : ''
    return { ...none, problem: `malformed: no YAML that could be read${line}` }
  }
}

function lineOf(position: unknown): string {
  const first: unknown = Array.isArray(position) ? position[0] : undefined
  return isRecord(first) && typeof first['line'] === 'number' ? ` (line ${first['line']})` : ''
}

function fromDocument(document: unknown, none: Policy, nowMs: number): Policy {
  if (!isRecord(document)) return { ...none, problem: 'malformed: expected a mapping' }
  const unknown = Object.keys(document).find((key) => !['version', 'salt', 'allow', 'rules'].includes(key))
  if (unknown !== undefined) return { ...none, problem: `malformed: unknown key ${unknown}` }
  const { salt } = document
  // A key with nothing behind it is an empty list.
  const [allow, rules] = [document['allow'] ?? [], document['rules'] ?? []]
  if (!Array.isArray(allow) || !Array.isArray(rules))
    return { ...none, problem: 'malformed: allow and rules are lists' }
  const findings: Finding[] = []
  const entries: AllowEntry[] = []
  for (const [index, raw] of allow.entries()) {
    const entry = readEntry(raw, index + 1)
    const fault = entry === undefined ? 'no mapping with a rule' : faultOf(entry, nowMs)
    if (fault === undefined && entry !== undefined) entries.push(entry)
    else
      findings.push(
        policyFinding(
          fault === EXPIRED ? 'allow-expired' : 'allow-invalid',
          none.shown,
          `entry ${index + 1}: ${fault}`,
        ),
      )
  }
  const own = rules.map((raw) => readRule(raw))
  const bad = own.find((rule) => typeof rule === 'string')
  if (typeof bad === 'string') return { ...none, problem: `malformed: ${bad}` }
  const good = own.filter((rule): rule is Rule => typeof rule !== 'string')
  const fault = ownRuleFault(good)
  if (fault !== undefined) return { ...none, problem: `malformed: ${fault}` }
  return { ...none, allow: entries, rules: good, findings, ...(typeof salt === 'string' && salt !== '' && { salt }) }
}

const EXPIRED = 'expired'

function readEntry(raw: unknown, number: number): AllowEntry | undefined {
  if (!isRecord(raw) || typeof raw['rule'] !== 'string') return undefined
  const text = (key: string) => scalarText(raw[key])
  const [path, fingerprint] = [text('path'), text('fingerprint')]
  return {
    rule: raw['rule'],
    reason: text('reason'),
    owner: text('owner'),
    expires: text('expires').slice(0, 10),
    number,
    ...(path !== '' && { path }),
    ...(fingerprint !== '' && { fingerprint }),
  }
}

function faultOf(entry: AllowEntry, nowMs: number): string | undefined {
  if (entry.fingerprint === undefined) {
    if (entry.path === undefined) return 'needs a path or a fingerprint'
    if (isEverything(entry.path)) return 'its path is nearly every path: that would switch the rule off'
  }
  if (entry.reason.length < REASON_MIN) return `needs a reason of at least ${REASON_MIN} characters`
  if (entry.owner === '') return 'needs an owner'
  return endFault(entry.expires, nowMs)
}

/** Why an end date does not do; undefined when it does. */
export function endFault(date: string, nowMs: number): string | undefined {
  const end = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T23:59:59Z`) : Number.NaN
  // The 31st of February would be a day of March.
  if (Number.isNaN(end) || !new Date(end).toISOString().startsWith(date)) return 'needs an end as YYYY-MM-DD'
  if (end < nowMs) return EXPIRED
  return end > nowMs + (DAYS_MAX + 1) * DAY_MS ? `ends more than ${DAYS_MAX} days ahead` : undefined
}

export function policyFinding(rule: string, path: string, why: string): Finding {
  return {
    rule,
    title: why,
    severity: 'medium',
    tier: 'likely',
    path,
    line: 1,
    column: 1,
    redacted: '',
    fingerprint: '',
    reason: why,
  }
}

/** Text of a YAML scalar; anything else is as good as absent. */
function scalarText(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'number' ? String(value) : ''
}

const SEVERITIES: readonly string[] = ['critical', 'high', 'medium', 'low']
const TOKEN_MAX = 512

/** A user's rule: linear by construction, because the pattern language has no nesting without bounds. */
function readRule(raw: unknown): Rule | string {
  if (!isRecord(raw)) return 'a rule is a mapping'
  const { id, title = id, pattern, severity = 'high', near } = raw
  if (typeof id !== 'string' || !/^[a-z0-9-]{3,60}$/.test(id))
    return 'a rule needs an id of lower-case letters, digits and dashes'
  if (typeof pattern !== 'string') return `rule ${id} needs a pattern`
  if (!SEVERITIES.includes(String(severity))) return `rule ${id}: unknown severity`
  try {
    const length = longest(parsePattern(pattern))
    if (length > TOKEN_MAX) return `rule ${id}: matches up to ${length} characters, ${TOKEN_MAX} is the most`
  } catch (error) {
    if (error instanceof SyntaxError) return `rule ${id}: ${error.message}`
    throw error
  }
  const words = Array.isArray(near) ? near.map((word) => String(word).toLowerCase()) : undefined
  return {
    id,
    title: String(title),
    family: 'generic',
    severity: severity as Severity,
    doc: 'A rule of this repository.',
    tokens: [{ pattern, ...(words !== undefined && { near: words }) }],
  }
}

/** Marks findings that an entry allows and adds one finding for each entry that allowed nothing. */
export function applyPolicy(findings: readonly Finding[], policy: Policy, isWholeTree: boolean): Finding[] {
  const used = new Set<number>()
  const out = findings.map((finding) => {
    if (finding.allowed !== undefined) return finding
    const entry = policy.allow.find((candidate) => covers(candidate, finding))
    if (entry === undefined) return finding
    used.add(entry.number)
    return { ...finding, allowed: `allowlist entry ${entry.number}: ${entry.reason}` }
  })
  if (!isWholeTree) return out
  const unused = policy.allow.filter(({ number }) => !used.has(number))
  return [
    ...out,
    ...unused.map(({ number, rule }) =>
      policyFinding('allow-unused', policy.shown, `entry ${number} (${rule}) matched nothing`),
    ),
  ]
}

function covers(entry: AllowEntry, finding: Finding): boolean {
  if (entry.rule !== finding.rule) return false
  if (entry.fingerprint !== undefined && entry.fingerprint !== finding.fingerprint) return false
  return entry.path === undefined || matchesPath(finding.path, entry.path)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
