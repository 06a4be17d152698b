/**
 * What a command that cannot go on tells: two lines for people, and for a caller that asked for JSON one document. Both
 * say the same; neither ever changes the exit code. Small, because the emergency path loads it.
 */
import { ERRORS, EXIT, MmError, messageOf } from './errors.ts'
import { plainText } from './plain-text.ts'

export interface Refusal {
  /** A row of the table of errors: `docs/reference/errors.md`. */
  readonly code: string
  readonly message: string
  readonly remedy: string
  /** The code that the process ends with. */
  readonly exit: number
}

/** Of anything thrown: what is in the table is for people, everything else is a bug of ours. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof MmError) {
    const { code, message, remedy, exit } = error
    return { code, message, remedy, exit }
  }
  const { exit, remedy } = ERRORS.INTERNAL
  return { code: 'INTERNAL', message: `internal error: ${messageOf(error)}`, remedy, exit }
}

/** A flag or argument that cannot be used. */
export function usageRefusal(what: string): Refusal {
  return { code: 'USAGE', message: what, remedy: ERRORS.USAGE.remedy, exit: EXIT.usage }
}

/** Safe for a terminal; ends without a line end. */
export function refusalText({ message, remedy }: Refusal): string {
  return plainText(`mm: ${message}\n    ${remedy}`)
}

/** The same of anything thrown, with the stack where it is a bug of ours. */
export function errorText(error: unknown): string {
  if (error instanceof MmError) return refusalText(refusalOf(error))
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return plainText(`mm: internal error (a bug of ours): ${reason}`)
}

/** One line of JSON, with its line end. `extra`: what else the lines of this command have. */
export function refusalLine({ code, message, remedy, exit }: Refusal, extra: object = {}): string {
  return `${JSON.stringify({ schemaVersion: 1, type: 'error', ...extra, code, message, remedy, exit })}\n`
}

/** Whether these arguments ask for JSON: also when nothing else in them can be understood. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}
