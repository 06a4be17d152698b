/**
 * One scan: engine, windows, coverage and findings together, whatever the source. Turns hits into findings (mask, keyed hash,
 * inline tags) at once, so that no secret value is kept.
 */
import { fail } from '../errors.ts'
import { byteSet } from './alphabet.ts'
import { missedCanaries } from './canary.ts'
import { Coverage } from './coverage.ts'
import { Engine } from './engine.ts'
import { type FileTask, scanFile } from './file-scan.ts'
import { type Finding, fingerprintOf, redact, titleOf } from './finding.ts'
import { hasTag, readTag, type TagVerdict } from './inline-tag.ts'
import type { Hit } from './rule.ts'
import type { RuleSet } from './rule-set.ts'
import type { Simd } from './simd.ts'
import { type SourceHit, Windows } from './windows.ts'

export interface SessionOptions {
  readonly rules: RuleSet
  readonly salt: string
  /** The baseline hashes with a salt of its own. */
  readonly baseline?: { readonly salt: string; readonly fingerprints: ReadonlySet<string> }
  readonly nowMs: number
  /** Also collect fingerprints under this salt, for a baseline to be written. */
  readonly collectSalt?: string
}

export interface Origin {
  readonly commit?: string
  readonly blob?: string
}

/** Letters and digits enough for a token; most names have none. */
const RUN_MIN = 24
const IN_RUN: Uint8Array = byteSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-')

/** Whether a name has a run of RUN_MIN: one of every RUN_MIN characters in a row is looked at, since a history has many names. */
export function hasLongRun(name: string): boolean {
  for (let at = RUN_MIN - 1; at < name.length; at += RUN_MIN) {
    if (IN_RUN[name.charCodeAt(at)] !== 1) continue
    let from = at
    while (from > 0 && IN_RUN[name.charCodeAt(from - 1)] === 1) from--
    let to = at + 1
    while (to < name.length && IN_RUN[name.charCodeAt(to)] === 1) to++
    if (to - from >= RUN_MIN) return true
  }
  return false
}

export class Session {
  readonly coverage: Coverage
  readonly findings: Finding[] = []
  readonly collected = new Set<string>()
  readonly engine: Engine
  readonly windows: Windows
  readonly options: SessionOptions
  private isProven = false
  /** The last line that had a finding and a tag. */
  private tagged = ''

  /** `coverage` when something was counted before. */
  constructor(options: SessionOptions, simd?: Simd, coverage: Coverage = new Coverage()) {
    this.options = options
    this.coverage = coverage
    this.engine = new Engine(options.rules, simd)
    this.windows = new Windows(this.engine)
  }

  /** Finds the canaries, once: whoever has handed shares to other threads does it then, everybody before anything is said to be clean. */
  prove(): void {
    if (this.isProven) return
    const missed = missedCanaries(this.engine)
    if (missed.length > 0) fail('SCAN_CANARY', { rules: missed.join(', ') })
    this.isProven = true
  }

  file(task: FileTask): void {
    const { display } = task
    for (const hit of scanFile(task, this.windows, this.coverage)) this.add(hit, display)
    this.name(display)
  }

  /** Looks for tokens in a name. */
  name(path: string, origin?: Origin): void {
    for (const hit of this.inName(path))
      this.add({ hit, line: 1, column: 1, offset: 0, lineText: '', previousLine: '' }, path, origin)
  }

  /** Tokens that stand in the name of a file: `backup-TOKEN.txt`. Few names have a run that could be one. */
  private inName(path: string): Hit[] {
    if (!hasLongRun(path)) return []
    const buf = Buffer.from(path, 'utf8')
    const hits = this.engine.scan({ buf, from: 0, end: buf.length, path: '', isBinary: false })
    return hits.filter(({ tier }) => tier !== 'review').map((hit) => ({ ...hit, reason: 'in the name of the file' }))
  }

  /** A path or another text from outside as it may be shown: a token in it is masked, too. */
  shown(path: string): string {
    let out = path
    for (const hit of this.inName(path))
      out = out.replaceAll(Buffer.from(hit.value, 'latin1').toString('utf8'), redact(hit))
    return out
  }

  /** Scans bytes already in memory. */
  bytes(path: string, bytes: Uint8Array): SourceHit[] {
    this.windows.begin(path)
    this.windows.push(bytes)
    return this.windows.end()
  }

  add(source: SourceHit, path: string, origin: Origin = {}): void {
    const { hit, line, column } = source
    const { rules, salt, baseline, collectSalt } = this.options
    const rule = rules.byId.get(hit.rule)
    if (rule === undefined) return
    const tag = this.tagOf(source, `${origin.blob ?? ''} ${path}`)
    const isKnown = baseline?.fingerprints.has(fingerprintOf(baseline.salt, hit.rule, hit.value)) === true
    if (collectSalt !== undefined) this.collected.add(fingerprintOf(collectSalt, hit.rule, hit.value))
    const allowed = isKnown ? 'baseline' : tag.allowed
    this.findings.push({
      rule: hit.rule,
      title: titleOf(rule, hit.role),
      severity: rule.severity,
      tier: hit.tier,
      path: this.shown(path),
      line,
      column,
      redacted: redact(hit),
      fingerprint: fingerprintOf(salt, hit.rule, hit.value),
      reason: hit.reason,
      ...(hit.via !== '' && { via: hit.via }),
      ...(tag.note !== undefined && { note: tag.note }),
      ...(allowed !== undefined && { allowed }),
      ...origin,
    })
  }

  /** A tag beside a finding is that finding's: it says nothing of the next line. */
  private tagOf(source: SourceHit, place: string): TagVerdict {
    const { rules, nowMs } = this.options
    const isTaken = this.tagged === `${place}:${source.line - 1}`
    if (hasTag(source.lineText)) this.tagged = `${place}:${source.line}`
    return readTag(isTaken ? { ...source, previousLine: '' } : source, nowMs, (id) => rules.byId.has(id))
  }
}
