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
  CREDENTIALS_MISSING: row(
    EXIT.usage,
    'no API key found: looked for {names} in systemd credentials, the key file, the key command and the environment',
    'Create a key with trade permission only, put it into a file of mode 0600 as NAME=VALUE lines, and name that file.',
  ),
  CREDENTIALS_INCOMPLETE: row(EXIT.usage, '{source} has an API key but no {name}', 'Add {name} beside the key.'),
  CREDENTIALS_MALFORMED: row(EXIT.usage, 'cannot use the credentials from {source}: {what}', 'Write NAME=VALUE lines.'),
  CREDENTIALS_UNREADABLE: row(EXIT.usage, 'cannot read the key file {file}: {what}', 'Check the path and its owner.'),
  CREDENTIALS_FILE_MODE: row(
    EXIT.usage,
    'the key file {file} has mode {mode}: others may read it',
    'chmod 600 {file}; if others had access, replace the key.',
  ),
  CREDENTIALS_FILE_OWNER: row(
    EXIT.usage,
    'the key file {file} belongs to user {owner}',
    'Make the user that runs mm its owner.',
  ),
  CREDENTIALS_EXEC_FAILED: row(
    EXIT.usage,
    'the key command {program} failed or took over 10 s',
    'Run it by hand; it must print NAME=VALUE lines.',
  ),
  HOST_REFUSED: row(
    EXIT.refused,
    'refusing to talk to {url}: {what}',
    'Use an official Bybit host over https/wss, or a loopback address for a simulated exchange.',
  ),
  SYMBOL_UNKNOWN: row(
    EXIT.usage,
    'the exchange lists no {category} symbol {symbol}',
    'Check the spelling and category.',
  ),
  SYMBOL_UNTRADABLE: row(
    EXIT.usage,
    '{symbol} cannot be traded here: {what}',
    'Choose another symbol, or wait until its status is Trading.',
  ),
  EXCHANGE_AUTH: row(
    EXIT.refused,
    'the exchange refused the API key (code {code}): {what}',
    'Check key, secret, permissions, IP list and expiry in the API management page, and that the key fits the venue.',
  ),
  EXCHANGE_ACCOUNT: row(
    EXIT.refused,
    'the account may not trade (code {code}): {what}',
    'Read the notice in the account; mm stays out until the exchange lifts it.',
  ),
  EXCHANGE_ACCOUNT_MODE: row(
    EXIT.usage,
    '{symbol} is in hedge mode; mm needs one-way mode',
    'Close positions and orders of {symbol}, then switch the position mode to one-way.',
  ),
  EXCHANGE_UNREACHABLE: row(
    EXIT.unknown,
    'no usable answer from the exchange: {what}',
    'Check network and system status.',
  ),
  EXCHANGE_REFUSED: row(EXIT.unknown, '{what} was refused by the exchange (code {code})', 'See the code in the docs.'),
  SUBSCRIPTION_REFUSED: row(
    EXIT.unknown,
    'the exchange refused the subscription to {topic}',
    'The topic may be retired: choose another book depth, or update mm.',
  ),
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
