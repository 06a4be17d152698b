/** Problems of a configuration for people, scripts, code scanning and workflow annotations. Text from files is neutralised. */
import { relative } from 'node:path'
import type { Origin } from '../config/origin.ts'
import { excerpt, type Problem, problemLine, type Texts } from '../config/problem.ts'
import { plainText } from '../plain-text.ts'
import { githubAnnotation } from './github.ts'
import { sarifLog } from './sarif.ts'

export const CONFIG_FORMATS = ['text', 'json', 'sarif', 'github'] as const
export type ConfigFormat = (typeof CONFIG_FORMATS)[number]

export interface ConfigReport {
  readonly exit: number
  readonly problems: readonly Problem[]
  readonly texts: Texts
  /** The file that was read, null when there was none. */
  readonly file: string | null
  /** Of the effective settings; null when there are none. */
  readonly hash: string | null
  /** Further lines for people: what was measured, what was not checked. */
  readonly remarks: readonly string[]
  /** The same as data. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly version: string
  readonly cwd: string
}

/** Most problems that are written out for people; the rest is counted. */
const SHOWN_MAX = 200

export function renderConfigReport(report: ConfigReport, format: ConfigFormat): string {
  switch (format) {
    case 'text':
      return text(report)
    case 'json':
      return `${JSON.stringify(json(report), null, 2)}\n`
    case 'sarif':
      return `${JSON.stringify(sarif(report), null, 2)}\n`
    case 'github':
      return github(report)
    default:
      return format satisfies never
  }
}

function text(report: ConfigReport): string {
  const { problems, texts, remarks } = report
  const shown = problems.slice(0, SHOWN_MAX).flatMap((entry) => {
    const { severity, code, fix, origin, message } = entry
    const line = problemLine({ ...entry, origin: near(origin, report.cwd), message: `${severity} ${code}: ${message}` })
    return [line, excerpt(entry, texts), `      ${fix}`].filter(Boolean)
  })
  const rest = problems.length > SHOWN_MAX ? [`… and ${problems.length - SHOWN_MAX} more`] : []
  const lines = [...shown, ...rest, ...remarks, verdict(report)]
  return lines.map((line) => `${line.split('\n').map(plainText).join('\n')}\n`).join('')
}

function verdict({ problems, file, hash, cwd, exit }: ConfigReport): string {
  const count = (severity: Problem['severity']): number =>
    problems.filter((entry) => entry.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  const name = file === null ? 'the defaults (no mm.yaml found)' : near(file, cwd)
  const words = exit === 0 ? 'valid' : exit === 1 ? 'not valid' : 'could not be established'
  return `${name}: ${words}: ${counts}${hash === null ? '' : `, effective configuration ${hash.slice(0, 12)}`}`
}

function json({ exit, problems, file, hash, facts, cwd }: ConfigReport): object {
  return {
    schemaVersion: 1,
    valid: exit === 0,
    exit,
    file: file === null ? null : near(file, cwd),
    configHash: hash,
    problems: problems.map(({ code, severity, key, message, fix, origin }) => ({
      code,
      severity,
      key,
      message,
      fix,
      origin: near(origin, cwd),
    })),
    ...facts,
  }
}

const LEVELS = { error: 'error', warning: 'warning', note: 'note' } as const

function sarif({ problems, file, version, cwd, exit }: ConfigReport): object {
  const codes = [...new Set(problems.map(({ code }) => code))]
  return sarifLog({
    tool: 'mm validate-config',
    version,
    rules: codes.map((code) => {
      const help = problems.find((entry) => entry.code === code)?.fix ?? ''
      return { id: code, title: code, help, tags: ['configuration'] }
    }),
    results: problems.map(({ code, severity, key, message, origin }) => ({
      rule: code,
      level: LEVELS[severity],
      // What a variable or a flag said stands in no file: its name is in the message.
      message: origin.kind === 'file' ? message : problemLine({ origin, message }),
      ...place(origin, file, cwd),
      properties: { key },
    })),
    failures: problems.filter(({ isUnreadable }) => isUnreadable === true).map(({ message }) => message),
    isComplete: exit !== 3,
  })
}

function github({ problems, file, cwd }: ConfigReport): string {
  const levels = { error: 'error', warning: 'warning', note: 'notice' } as const
  return problems
    .map(({ severity, code, message, fix, origin }) => {
      const at = place(origin, file, cwd)
      const told = origin.kind === 'file' ? message : problemLine({ origin, message })
      return `${githubAnnotation({ level: levels[severity], title: code, message: `${plainText(told)} ${plainText(fix)}`, ...at })}\n`
    })
    .join('')
}

function place(origin: Origin, file: string | null, cwd: string): { path: string; line: number; column: number } {
  if (origin.kind === 'file') return { path: near(origin.file, cwd), line: origin.line, column: origin.column }
  return { path: file === null ? 'mm.yaml' : near(file, cwd), line: 1, column: 1 }
}

function near(file: string, cwd: string): string
function near(origin: Origin, cwd: string): Origin
function near(what: string | Origin, cwd: string): string | Origin {
  if (typeof what !== 'string') return what.kind === 'file' ? { ...what, file: near(what.file, cwd) } : what
  const path = relative(cwd, what)
  return path.startsWith('..') ? what : path
}
