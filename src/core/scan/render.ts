/** The report of a scan in its five formats. Masks and keyed hashes only; names of files are made safe for where they go. */
import { plainJson, plainLine } from '../plain-text.ts'
import { githubAnnotation } from '../report/github.ts'
import { type JunitCase, junitXml } from '../report/junit.ts'
import { sarifLog } from '../report/sarif.ts'
import { type Finding, fails } from './finding.ts'
import type { Format } from './options.ts'
import type { Severity, Tier } from './rule.ts'
import type { ScanReport } from './scan.ts'

export function render(report: ScanReport, format: Format, version: string): string {
  if (format === 'json') return `${plainJson(jsonReport(report))}\n`
  const strict = strictly(report)
  if (format === 'sarif') return `${plainJson(sarif(strict, version))}\n`
  if (format === 'junit') return junit(strict)
  if (format === 'github') return github(strict)
  return text(strict)
}

export function jsonReport(report: ScanReport): object {
  const { source, findings, rules, builtIn, cachedBlobs, exceptions, durationMs, exit, written } = report
  return {
    schemaVersion: 1,
    command: 'scan-secrets',
    source,
    verdict: verdictOf(report),
    exit,
    findings,
    coverage: coverageJson(report),
    rules: { loaded: rules.rules.length, builtIn, digest: rules.digest },
    cachedBlobs,
    exceptions,
    durationMs: Math.round(durationMs),
    ...(written !== undefined && { written }),
  }
}

function coverageJson({ coverage }: ScanReport): object {
  const { files, blobs, bytes, binaries, skipped, skippedPaths, unread, unreadCount } = coverage
  return { files, blobs, bytes, binaries, skipped: Object.fromEntries(skipped), skippedPaths, unread, unreadCount }
}

function verdictOf({ exit, written }: ScanReport): string {
  if (written !== undefined && exit === 0) return 'taken into the baseline'
  return exit === 0 ? 'clean' : exit === 1 ? 'secrets found' : 'not known'
}

function text(report: ScanReport): string {
  const lines = shownOf(report).map(findingText)
  return joined([...lines, ...unreadOf(report), ...summaryOf(report)])
}

function shownOf({ findings }: ScanReport): Finding[] {
  return findings.filter((finding) => finding.allowed === undefined)
}

/** With --strict an allowed finding fails as well, so it is shown like the others. */
function strictly(report: ScanReport): ScanReport {
  if (!report.isStrict) return report
  const findings = report.findings.map((finding) => {
    const { allowed, ...rest } = finding
    return allowed === undefined || finding.tier === 'review'
      ? finding
      : { ...rest, note: `with --strict not allowed by ${allowed}` }
  })
  return { ...report, findings }
}

function unreadOf({ coverage }: ScanReport): string[] {
  const lines = coverage.unread.map(({ path, reason }) => `not read: ${plainLine(path)}: ${plainLine(reason)}`)
  const more = coverage.unreadCount - coverage.unread.length
  return more > 0 ? [...lines, `not read: ${more} more`] : lines
}

function summaryOf(report: ScanReport): string[] {
  const { findings, coverage } = report
  const shown = shownOf(report)
  const failing = shown.filter(fails).length
  const allowed = findings.length - shown.length
  const lines = [...coverage.skipped].map(([reason, count]) => `skipped ${count}: ${plainLine(reason)}`)
  lines.push(
    `${verdictOf(report)}: ${failing} to fix, ${shown.length - failing} to review, ${allowed} allowed`,
    `read ${coverage.files} files, ${coverage.blobs} blobs, ${coverage.bytes} bytes (${coverage.binaries} binary: strong rules only)` +
      `${report.cachedBlobs > 0 ? `, ${report.cachedBlobs} blobs known clean` : ''}; not read ${coverage.unreadCount}`,
    `${report.rules.rules.length} rules (${report.builtIn} built in), digest ${report.rules.digest.slice(0, 12)}, ${Math.round(report.durationMs)} ms`,
  )
  if (report.exceptions.length > 0) lines.push(`exceptions from ${report.exceptions.map(plainLine).join(', ')}`)
  if (report.written !== undefined) lines.push(`baseline written: ${plainLine(report.written)}`)
  return lines
}

function joined(lines: readonly string[]): string {
  return `${lines.map(noCommand).join('\n')}\n`
}

/** The log of a workflow may be read for commands (`::name` at the start of a line, `##[name]` anywhere): a path is none. */
function noCommand(lines: string): string {
  return lines.replace(/^(\s*)::/gm, '$1: :').replaceAll('##[', '# #[')
}

function findingText(finding: Finding): string {
  const { path, line, column, tier, severity, rule, title, redacted, via, commit, note, fingerprint } = finding
  const where = `${plainLine(path)}:${line}:${column}`
  const more = [
    redacted,
    via === undefined ? '' : `inside ${via}`,
    commit === undefined ? '' : `commit ${commit.slice(0, 12)}`,
    note ?? '',
    fingerprint === '' ? '' : `id ${fingerprint.slice(0, 12)}`,
  ]
  return `${where}  ${tier}  ${severity}  ${rule}: ${title}\n    ${more
    .filter((part) => part !== '')
    .map(plainLine)
    .join(' · ')}`
}

const SECURITY: Readonly<Record<Severity, number>> = { critical: 9.5, high: 8, medium: 5, low: 3 }
const LEVEL: Readonly<Record<Tier, 'error' | 'warning' | 'note'>> = {
  confirmed: 'error',
  likely: 'error',
  review: 'note',
}

function messageOf({ title, redacted, via, commit, note }: Finding): string {
  const parts = [`${title} ${redacted}`.trim(), via && `inside ${via}`, commit && `commit ${commit.slice(0, 12)}`, note]
  return plainLine(parts.filter((part) => part !== undefined && part !== '').join('; '))
}

function sarif({ findings, rules, coverage }: ScanReport, version: string): object {
  return sarifLog({
    tool: 'mm scan-secrets',
    version,
    isComplete: coverage.unreadCount === 0,
    failures: coverage.unread.map(({ path, reason }) => plainLine(`not read: ${path}: ${reason}`)),
    rules: rules.rules.map(({ id, title, doc, severity, family }) => ({
      id,
      title,
      help: doc,
      securitySeverity: SECURITY[severity],
      tags: ['security', 'secret', family],
    })),
    results: findings.map((finding) => ({
      rule: finding.rule,
      level: LEVEL[finding.tier],
      message: messageOf(finding),
      path: finding.path,
      line: finding.line,
      column: finding.column,
      fingerprint: finding.fingerprint,
      ...(finding.allowed !== undefined && { suppressed: finding.allowed }),
      properties: { tier: finding.tier, ...(finding.commit !== undefined && { commit: finding.commit }) },
    })),
  })
}

function junit({ findings, coverage, durationMs }: ScanReport): string {
  const cases: JunitCase[] = findings.map((finding) => {
    const name = `${plainLine(finding.path)}:${finding.line} ${finding.rule}`
    if (finding.allowed !== undefined) return { name, group: 'secrets', skipped: finding.allowed }
    return fails(finding)
      ? { name, group: 'secrets', failure: { type: finding.rule, message: messageOf(finding) } }
      : { name, group: 'secrets', skipped: `for review: ${messageOf(finding)}` }
  })
  for (const { path, reason } of coverage.unread)
    cases.push({ name: plainLine(path), group: 'coverage', error: plainLine(reason) })
  cases.push({
    name: `read ${coverage.files} files, ${coverage.blobs} blobs, ${coverage.bytes} bytes`,
    group: 'coverage',
  })
  return junitXml('mm scan-secrets', cases, durationMs / 1000)
}

function github(report: ScanReport): string {
  const found = shownOf(report).map((finding) =>
    githubAnnotation({
      level: fails(finding) ? 'error' : 'notice',
      title: `${finding.rule} (${finding.tier})`,
      message: messageOf(finding),
      path: plainLine(finding.path),
      line: finding.line,
      column: finding.column,
    }),
  )
  const unread = unreadOf(report).map((message) => githubAnnotation({ level: 'error', title: 'not read', message }))
  return [...found, ...unread, joined(summaryOf(report))].join('\n')
}
