/**
 * One table of everything an operator can fix: code → what happened, what to do, exit code.
 * `fail()` throws it; `base-command.ts` prints it and exits. Broken beliefs are `invariant()`, never a row here.
 */

/** Exit codes: see docs/reference/exit-codes.md. */
export const EXIT = {
  ok: 0,
  no: 1,
  usage: 2,
  unknown: 3,
  refused: 4,
  ordersLeft: 5,
  bug: 70,
  interrupted: 130,
} as const

interface Row {
  readonly exit: number
  /** `{name}` is replaced from the parameters given to `fail`. */
  readonly message: string
  readonly remedy: string
}

const row = (exit: number, message: string, remedy: string): Row => ({ exit, message, remedy })

export const ERRORS = {
  USAGE: row(EXIT.usage, '{what}', 'Run the command with --help.'),
  INTERNAL: row(EXIT.bug, 'internal error: {what}', 'This is a bug of ours. Please report it with the crash report.'),
} as const

export type ErrorCode = keyof typeof ERRORS

export type Params = Readonly<Record<string, string | number | boolean | undefined>>

/** An error for people. `code` is stable; never branch on `message`. */
export class MmError extends Error {
  override readonly name = 'MmError'
  readonly code: ErrorCode
  readonly exit: number
  readonly remedy: string
  readonly params: Params

  constructor(code: ErrorCode, params: Params = {}, cause?: unknown) {
    const { message, remedy, exit } = ERRORS[code]
    super(fill(message, params), cause === undefined ? undefined : { cause })
    this.code = code
    this.exit = exit
    this.remedy = fill(remedy, params)
    this.params = params
  }
}

export function fail(code: ErrorCode, params: Params = {}, cause?: unknown): never {
  throw new MmError(code, params, cause)
}

function fill(template: string, params: Params): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}
