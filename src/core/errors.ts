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

/** Every code that `mm` ends with, as scripts may rely on them. */
export const EXIT_MEANING: Readonly<Record<number, string>> = {
  0: 'done, and what was to be shown holds',
  1: 'the check ran and the answer is no: findings, gate failed, configuration invalid',
  2: 'usage: bad flag or argument, or a configuration that cannot be used',
  3: 'could not establish the answer: unreadable input, network, missing evidence; never reported as 0',
  4: 'refused by a safety interlock: HALT latch set, live not armed, another writer holds the lock',
  5: 'stopped, but orders may still be live (their ids are printed, with the command to run)',
  10: 'cancel-all: zero open orders verified, but a writer may be alive: orders may reappear',
  11: 'cancel-all: open orders remain (listed with what the exchange says)',
  12: 'cancel-all: deadline or interrupt, state unknown',
  13: 'cancel-all: no key was accepted',
  14: 'cancel-all: the exchange could not be reached for the whole deadline',
  15: 'cancel-all: rate limited or shut out by the exchange for the whole deadline',
  16: 'cancel-all: zero in the requested scope as far as permitted; some category could not be checked',
  20: 'simulation: an invariant was broken',
  21: 'simulation: no progress after the faults healed',
  22: 'simulation: the same seed gave two different runs',
  23: 'simulation: a situation was never reached',
  24: 'simulation: a planted bug was missed',
  25: 'load: the result is invalid (generator late, too few samples, noisy host)',
  70: 'internal error (a bug of ours); for trade: orders were cancelled first',
  130: 'interrupted before anything could be established',
}

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
  RECORDING_MISSING: row(
    EXIT.unknown,
    'there is no recording {file}',
    'Check the path, or make one: mm import --from hftbacktest FILE --out {file}',
  ),
  RECORDING_UNREADABLE: row(EXIT.unknown, 'cannot read the recording {file}: {reason}', 'Check its permissions.'),
  RECORDING_FOREIGN: row(
    EXIT.unknown,
    '{file} is no recording of mm: {reason}',
    'Convert raw captures first: mm import --from hftbacktest {file} --out NEW',
  ),
  RECORDING_VERSION: row(
    EXIT.unknown,
    'the recording {file} has format version {found}, this mm reads version 1',
    'Import the original capture again with this version of mm.',
  ),
  RECORDING_DAMAGED: row(
    EXIT.unknown,
    'the recording {file} is damaged: {reason}',
    'Restore it from a copy, or import the original capture again.',
  ),
  RECORDING_NOT_WRITABLE: row(
    EXIT.unknown,
    'cannot write the recording {file}: {reason}',
    'Check that the folder exists, may be written and has room. Nothing was left behind.',
  ),
  RECORDING_UNSUPPORTED: row(EXIT.usage, 'cannot use the recording {file}: {what}', '{remedy}'),
  IMPORT_OUT_EXISTS: row(
    EXIT.usage,
    '{file} exists and is no recording of mm',
    'Choose another --out; mm overwrites nothing but its own recordings.',
  ),
  IMPORT_MISSING: row(EXIT.unknown, 'there is no capture {file}', 'Check the path.'),
  IMPORT_UNREADABLE: row(EXIT.unknown, 'cannot read the capture {file}: {reason}', 'Check that it is a readable file.'),
  IMPORT_NOT_GZIP: row(
    EXIT.unknown,
    '{file} is not gzip data (it starts with {found})',
    'A capture is gzip-compressed text; compress plain text with: gzip FILE',
  ),
  IMPORT_TRUNCATED: row(
    EXIT.unknown,
    '{file} ends in the middle of its gzip data, after line {line} (byte {offset} unpacked)',
    'Fetch the file again; its size or checksum will differ from the original.',
  ),
  IMPORT_DAMAGED: row(
    EXIT.unknown,
    'the gzip data of {file} is damaged after line {line} (byte {offset} unpacked): {reason}',
    'Fetch the file again; its size or checksum will differ from the original.',
  ),
  IMPORT_LINE: row(
    EXIT.unknown,
    '{file}, line {line} (byte {offset} unpacked): {what}',
    'Look at the line: zcat {file} | sed -n {line}p | head -c 2000. Remove it, or fetch the capture again.',
  ),
  IMPORT_EMPTY: row(
    EXIT.unknown,
    '{file} holds no market data ({lines} lines: {skipped})',
    'Check --from and --symbol.',
  ),
  IMPORT_SYMBOLS: row(
    EXIT.usage,
    '{file}, line {line} (byte {offset} unpacked): holds more than one symbol ({symbols})',
    'Choose one with --symbol.',
  ),
  GUARD_BUSY: row(
    EXIT.refused,
    'another guard listens on {where}',
    'One guard watches one bot. Stop the other, or give this one its own --socket.',
  ),
  GUARD_LISTEN: row(EXIT.usage, 'cannot listen on {where}: {reason}', 'Check the folder, the address and the port.'),
  GUARD_ADDRESS: row(
    EXIT.usage,
    '{text} is no address of a guard',
    'Write a path with a slash (a socket on this host) or HOST:PORT with a key file.',
  ),
  GUARD_KEY: row(
    EXIT.usage,
    'cannot use the key file of the guard ({file}): {what}',
    'Make one with: head -c 32 /dev/urandom > FILE; chmod 600 FILE. Bot and guard need the same.',
  ),
  GUARD_MISSING: row(
    EXIT.refused,
    'no guard answers at {where}: not starting without the protection that was asked for',
    'Start it first: mm guard. Across hosts check address, port, key file and the clocks of both hosts.',
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
  EXCHANGE_LEVERAGE: row(
    EXIT.usage,
    '{symbol} has leverage {found} at the exchange, and exchange.leverage is {wanted}',
    'Set it to {wanted} on the page of the symbol (or POST /v5/position/set-leverage), or correct exchange.leverage.',
  ),
  EXCHANGE_UNREACHABLE: row(
    EXIT.unknown,
    'no usable answer from the exchange: {what}',
    'Check the network, the exchange’s status page and the URL: is there an exchange behind it?',
  ),
  EXCHANGE_MAINTENANCE: row(
    EXIT.unknown,
    'the exchange is in maintenance until {until}: {title}',
    'Start again when it is over; orders that are out stay out until then.',
  ),
  EXCHANGE_REFUSED: row(EXIT.unknown, '{what} was refused by the exchange (code {code})', 'See the code in the docs.'),
  SUBSCRIPTION_REFUSED: row(
    EXIT.unknown,
    'the exchange refused the subscription to {topic}',
    'The topic may be retired: choose another book depth, or update mm.',
  ),
  // runtime
  STATE_UNWRITABLE: row(
    EXIT.usage,
    'cannot write the state directory {dir}: {reason}',
    'Make it writable, or choose another with --state-dir DIR.',
  ),
  DAY_LOSS_UNKNOWN: row(
    EXIT.refused,
    'what earlier runs of today lost cannot be read from {file}: {reason}',
    'Mend the file, or remove it once you know how much may still be lost today.',
  ),
  STATE_LOCKED: row(
    EXIT.refused,
    'another mm (pid {pid}) is running with the state directory {dir}',
    'Stop it first (mm status shows it), or use another --state-dir DIR.',
  ),
  HALTED: row(
    EXIT.refused,
    'the HALT latch {file} is set: {reason}',
    'Look at what happened, then clear it: mm resume --ack {id} --reason "why it is safe".',
  ),
  LATCH_NOT_SET: row(EXIT.no, 'the HALT latch is not set in {dir}', 'Nothing to resume.'),
  LATCH_ACK_WRONG: row(
    EXIT.refused,
    'the HALT latch was set with the id {id}, not {given}',
    'Read the reason of the halt, then run: mm resume --ack {id} --reason "why it is safe".',
  ),
  JOURNAL_CORRUPT: row(
    EXIT.unknown,
    'the journal {file} is damaged at offset {offset}: {reason}',
    'Orders of the dead run may still be open: run mm cancel-all first. Then keep a copy of the file, check the disk, and move the file away; the next start reads the state from the exchange alone.',
  ),
  JOURNAL_VERSION: row(
    EXIT.unknown,
    'the journal {file} was written by another version of mm (format {found}, this one reads {known}), or its header is damaged',
    'Start the version that wrote it once more, so that it settles and ends in order; or run mm cancel-all first and move the file away: the next start reads the state from the exchange alone.',
  ),
  JOURNAL_WRITE: row(
    EXIT.unknown,
    'cannot write the journal {file}: {reason}',
    'Free space on the disk or choose another --state-dir DIR. No order is sent without its journal record.',
  ),
  METRICS_PORT_BUSY: row(
    EXIT.usage,
    'the metrics port {port} on {host} is in use',
    'Choose another with --metrics HOST:PORT, or switch metrics off with --metrics off.',
  ),
  METRICS_ADDRESS: row(
    EXIT.usage,
    'cannot listen on {address} for metrics: {reason}',
    'Give a loopback address such as --metrics 127.0.0.1:9464, or --metrics off.',
  ),
  NO_BOT: row(
    EXIT.unknown,
    'no running bot answers in {dir}{latch}',
    'Start one with mm trade (where the HALT latch is set: after mm resume), or give its --state-dir DIR.',
  ),
  BOT_SILENT: row(
    EXIT.unknown,
    'the bot in {dir} took the call and gave no answer within {seconds} s',
    'It may hang while its orders are open: mm cancel-all stops it and cancels.',
  ),
  EXCHANGE_STATE: row(EXIT.usage, 'cannot use the initial state {file}: {what}', 'See docs/exchange.md for its form.'),
  EXCHANGE_STATE_UNREADABLE: row(EXIT.unknown, 'cannot read the initial state {file}: {reason}', 'Check the path.'),
  EXCHANGE_FAULTS: row(
    EXIT.usage,
    'cannot use the fault script {file}: {what}',
    'See docs/exchange.md, or run mm exchange --faults list.',
  ),
  EXCHANGE_FAULTS_UNREADABLE: row(
    EXIT.unknown,
    'there is no fault scenario and no readable file {file}: {reason}',
    'Run mm exchange --faults list for the names.',
  ),
  EXCHANGE_PORT_BUSY: row(
    EXIT.usage,
    'cannot listen on 127.0.0.1:{port}: the port is taken or not allowed',
    'Choose another --port, or 0 for a free one.',
  ),
  EXCHANGE_LOG: row(EXIT.unknown, 'cannot write the event log {file}: {reason}', 'Check the path and its permissions.'),
  FLAG_RANGE: row(EXIT.usage, '--{flag} {value}: {rule}', 'Run the command with --help for the allowed values.'),
  CONFIG_READ: row(EXIT.unknown, '{what}', 'Check the path and its permissions. Nothing was run on defaults instead.'),
  CONFIG_SYNTAX: row(EXIT.usage, '{what}', 'Correct the line; mm init writes a valid example.'),
  CONFIG_KEY_UNKNOWN: row(EXIT.usage, '{what}', 'Correct or remove the key; mm validate-config shows every problem.'),
  CONFIG_VALUE: row(
    EXIT.usage,
    '{what}',
    'Correct the value; mm validate-config --explain {key} tells what it may be.',
  ),
  CONFIG_SECRET: row(
    EXIT.usage,
    '{what}',
    'Remove it, replace the key if others could read it, and name a file of mode 0600: exchange.credentialsFile.',
  ),
  CONFIG_ENV_UNKNOWN: row(EXIT.usage, '{what}', 'Correct the name or unset the variable.'),
  CONFIG_SET: row(EXIT.usage, '{what}', 'Write for example --set risk.lossMax=50.'),
  CONFIG_RULE: row(EXIT.usage, '{what} ({rule})', '{fix}'),
  CONFIG_INVALID: row(
    EXIT.usage,
    'the configuration cannot be used: {what}',
    'Correct them; mm validate-config shows them again, also as JSON or SARIF.',
  ),
  PROFILE_UNKNOWN: row(EXIT.usage, '{what}', '{fix}'),
  STRATEGY_UNKNOWN: row(EXIT.usage, '{what}', '{fix}'),
  LIVE_CONFIG_CHANGED: row(
    EXIT.refused,
    'the effective configuration differs in {count} values from that of the last live start:\n{list}',
    'Look at each, then start with --ack-config {hash}.',
  ),
  LIVE_CONFIG_ACK: row(
    EXIT.refused,
    '--ack-config {given} is not the hash of this configuration ({hash})',
    'Look at what mm validate-config --explain shows, then acknowledge it with its own hash.',
  ),
  INIT_EXISTS: row(EXIT.usage, '{file} exists already', 'Choose another --dir, or overwrite it with --force.'),
  INIT_WRITE: row(EXIT.usage, 'cannot write {file}: {reason}', 'Check that the folder exists and may be written.'),
  LIVE_NOT_ARMED: row(
    EXIT.refused,
    'the venue live is not armed: {reason}',
    'Check which account the key belongs to, then give its UID with --arm UID.',
  ),
  START_TIMEOUT: row(
    EXIT.unknown,
    'the exchange gave no complete state within {seconds} s',
    'Check the connection to {venue} and start again; no order was placed.',
  ),
  POSITION_UNKNOWN: row(
    EXIT.unknown,
    'cannot establish the state of the account: {reason}',
    'Check the connection and the key, then start again; no order was placed.',
  ),
  RUN_HALTED: row(
    EXIT.refused,
    'the run halted: {reason}',
    'Look at what happened, then allow the next start: mm resume --ack {id} --reason "why it is safe".',
  ),
  ORDERS_LEFT: row(EXIT.ordersLeft, 'stopped, but orders may still be open ({problem}): {ids}', 'Run now: {command}'),
  DEAD_ORDERS_LEFT: row(
    EXIT.ordersLeft,
    'orders of an earlier run are still open and could not be cancelled: {ids}',
    'Run: mm cancel-all {scope}',
  ),
  LOCK_UNREADABLE: row(
    EXIT.refused,
    'the lock file {path} cannot be read ({why})',
    'Make sure that no bot runs here, then remove the file.',
  ),
  SCAN_CANARY: row(
    EXIT.unknown,
    'the scanner missed its own test secrets ({rules}); nothing was scanned',
    'The installation is damaged: install mm again. Do not take this for a clean result.',
  ),
  SCAN_BASELINE: row(
    EXIT.unknown,
    'cannot write the baseline {path}: {reason}',
    'Check the folder and its permissions. A file that is no baseline is not replaced: name another one, or delete it.',
  ),
  WORKING_FOLDER: row(
    EXIT.unknown,
    'cannot tell which folder this is: {reason}',
    'The folder was deleted or moved: change into one that is there.',
  ),
  SCAN_HOOK: row(EXIT.unknown, 'cannot write the hook {path}: {reason}', 'Check the folder and its permissions.'),
  SCAN_HOOK_EXISTS: row(
    EXIT.usage,
    'there is a pre-commit hook of your own at {path}',
    'Add this line to it (with husky: to .husky/pre-commit): {line}',
  ),
  SCAN_HOOKS_OFF: row(
    EXIT.usage,
    'core.hooksPath is {path}: git runs no hook here',
    'Unset it first: git config --unset core.hooksPath',
  ),
  SCAN_RULE_CLASH: row(
    EXIT.usage,
    '{path} defines the rule {id}, which is built in',
    'Give the rule another id: built-in rules cannot be replaced.',
  ),
  SCAN_RULE_UNKNOWN: row(EXIT.usage, 'there is no rule {id}', 'mm scan-secrets --explain list shows every rule.'),
  SCAN_NO_REPOSITORY: row(EXIT.unknown, 'cannot use a git repository here: {why}', 'Run it inside the repository.'),
  OUTPUT_WRITE: row(
    EXIT.unknown,
    'cannot write standard output ({stream}): {reason}',
    'Free space where stdout goes, or send it elsewhere: > FILE on another disk, or a pipe.',
  ),
  SCAN_OUTPUT: row(EXIT.unknown, 'cannot write the report {path}: {reason}', 'Check the folder and its permissions.'),
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

/** What anything thrown says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
