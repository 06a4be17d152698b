/** What is wrong with a configuration: one record a problem, with the place and the way out, and its text for people. */
import type { ErrorCode } from '../errors.ts'
import { type Origin, originText } from './origin.ts'

export type Severity = 'error' | 'warning' | 'note'

export interface Problem {
  /** Stable: of the table of errors, of the cross-key rules, or of the preflight. */
  readonly code: string
  readonly severity: Severity
  /** Dotted path of the key, '' when it is about no key. */
  readonly key: string
  readonly message: string
  readonly fix: string
  readonly origin: Origin
  /** The file as a whole could not be read: the answer is not "invalid" but "unknown". */
  readonly isUnreadable?: boolean
}

/** Codes of the table of errors that stand for problems of a configuration. */
export type ConfigCode = Extract<ErrorCode, `CONFIG_${string}` | 'PROFILE_UNKNOWN' | 'STRATEGY_UNKNOWN'>

/** What to do when there is nothing better to say. */
const FIXES: Readonly<Record<ConfigCode, string>> = {
  CONFIG_READ: 'Check the path and its permissions.',
  CONFIG_SYNTAX: 'Correct the line; mm init writes a valid example.',
  CONFIG_KEY_UNKNOWN: 'Correct or remove the key.',
  CONFIG_VALUE: 'Correct the value; mm validate-config --explain {key} tells what it may be.',
  CONFIG_SECRET: 'Remove it, replace the key if others could read it, and name a file: exchange.credentialsFile.',
  CONFIG_ENV_UNKNOWN: 'Correct the name or unset the variable.',
  CONFIG_SET: 'Write for example --set risk.lossMax=50.',
  CONFIG_RULE: 'Change one of the keys.',
  CONFIG_INVALID: 'Correct them.',
  PROFILE_UNKNOWN: 'Correct the name.',
  STRATEGY_UNKNOWN: 'Correct the name.',
}

export function isConfigCode(code: string): code is ConfigCode {
  return Object.hasOwn(FIXES, code)
}

export interface Finding {
  readonly key?: string
  readonly message: string
  readonly fix?: string
  readonly origin: Origin
}

export function problem(code: ConfigCode, { key = '', message, fix, origin }: Finding): Problem {
  const isUnreadable = code === 'CONFIG_READ'
  return {
    code,
    severity: 'error',
    key,
    message,
    fix: fix ?? FIXES[code].replace('{key}', key),
    origin,
    ...(isUnreadable && { isUnreadable }),
  }
}

/** "mm.yaml:3:5: message" */
export function problemLine({ origin, message }: Pick<Problem, 'origin' | 'message'>): string {
  return `${originText(origin)}: ${message}`
}

/** Lines of the files that were read, and what in them must not be shown. */
export interface Texts {
  readonly lines: ReadonlyMap<string, readonly string[]>
  /** Places of values that look like secrets. */
  readonly hidden: readonly Origin[]
}

const WIDTH_MAX = 100

/** The line with a caret under the place; '' when the problem stands in no file. Columns count characters. */
export function excerpt({ origin }: Problem, texts: Texts): string {
  if (origin.kind !== 'file') return ''
  const line = texts.lines.get(origin.file)?.[origin.line - 1]
  if (line === undefined) return ''
  const shown = [...hide(line, origin.file, origin.line, texts.hidden)]
  const from = Math.max(0, origin.column - 1 - WIDTH_MAX / 2)
  const part = shown.slice(from, from + WIDTH_MAX)
  const before = part.slice(0, origin.column - 1 - from).map((character) => (character === '\t' ? '\t' : ' '))
  const carets = '^'.repeat(Math.max(1, Math.min(origin.length, part.length - before.length)))
  const number = String(origin.line)
  return `    ${number} | ${part.join('')}\n    ${' '.repeat(number.length)} | ${before.join('')}${carets}`
}

function hide(line: string, file: string, number: number, hidden: readonly Origin[]): string {
  const characters = [...line]
  for (const place of hidden) {
    if (place.kind !== 'file' || place.file !== file || place.line !== number) continue
    // To the end: what follows a secret on its line may be more of it.
    characters.fill('*', place.column - 1)
  }
  return characters.join('')
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/** By file and place; what stands in no file comes last. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => {
    const [left, right] = [a.origin, b.origin]
    if (left.kind === 'file' && right.kind === 'file') {
      return left.file === right.file
        ? left.line - right.line || left.column - right.column || ORDER[a.severity] - ORDER[b.severity]
        : left.file < right.file
          ? -1
          : 1
    }
    if (left.kind === 'file' || right.kind === 'file') return left.kind === 'file' ? -1 : 1
    return ORDER[a.severity] - ORDER[b.severity]
  })
}
