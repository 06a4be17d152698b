/** What an emergency cancel tells people and scripts at its end. Text of the exchange is made safe for the terminal. */
import { plainLine } from '../plain-text.ts'
import type { CancelOptions } from './options.ts'
import { closingLine, type Proof } from './proof.ts'
import { CANCEL_EXIT } from './verdict.ts'

export interface Report {
  readonly options: CancelOptions
  readonly io: { readonly out: (text: string) => void; readonly err: (text: string) => void }
  readonly proof: Proof
  /** Where the proof should stand, '' when none was wanted. */
  readonly path: string
  /** Why it does not stand there, '' when it does. */
  readonly fault: string
  /** It is the one JSON document of the run. */
  readonly isDocument: boolean
}

const ROWS_MAX = 50

export function report({ options, io, proof, path, fault, isDocument }: Report): void {
  const say = (text: string): void => (options.isJson ? io.err : io.out)(plainLine(text))
  if (options.isJson && isDocument) io.out(JSON.stringify(proof))
  for (const note of proof.fence.notes) say(`  ${note}`)
  for (const row of orderLines(options, proof)) say(row)
  for (const [unit, text] of Object.entries(proof.refusals)) say(`  ${unit}: ${text}`)
  for (const [category, code] of Object.entries(proof.notPermitted)) say(`  ${category}: not permitted (${code})`)
  for (const { symbol, left, trouble } of proof.flattened) {
    say(left === '0' ? `  ${symbol} flat` : `  ${symbol} NOT flat: ${left || 'unknown'} left ${trouble}`)
  }
  if (proof.trouble !== '' && proof.exitCode !== CANCEL_EXIT.proven) say(`  last trouble: ${proof.trouble}`)
  for (const line of ADVICE[proof.exitCode] ?? []) say(`  ${line}`)
  if (path !== '') say(fault === '' ? `  proof: ${path}` : `  proof not written to ${path}: ${fault}`)
  // What the disk did not take goes to the terminal's own stream, as one line.
  if (fault !== '' && !options.isJson) io.err(JSON.stringify(proof))
  say(closingLine(proof))
}

function orderLines(options: CancelOptions, proof: Proof): string[] {
  const word = options.isDryRun ? 'would cancel' : 'OPEN'
  const open = proof.open.map(
    ({ category, symbol, orderId, orderLinkId }) => `  ${word} ${category} ${symbol} ${orderId} ${orderLinkId}`,
  )
  const protective = proof.orders
    .filter(({ isProtective, final }) => isProtective && final === 'cancelled')
    .map(({ symbol, orderId }) => `  protective order removed: ${symbol} ${orderId}`)
  const spared = proof.spared.length === 0 ? [] : [`  ${proof.spared.length} open orders outside the scope left alone`]
  return [...firstOf(open), ...firstOf(protective), ...spared]
}

function firstOf(lines: readonly string[]): string[] {
  const more = lines.length - ROWS_MAX
  return more <= 0 ? [...lines] : [...lines.slice(0, ROWS_MAX), `  … and ${more} more, all in the proof`]
}

const ADVICE: Readonly<Record<number, readonly string[]>> = {
  [CANCEL_EXIT.notFenced]: [
    'somebody may still be placing orders: stop the bot where it runs, or take its key away (--fence revoke), and run this again',
  ],
  [CANCEL_EXIT.residual]: ['run it again, or cancel these in the exchange’s app; their refusals are above'],
  [CANCEL_EXIT.unknown]: ['the state is not known: run it again'],
  [CANCEL_EXIT.auth]: [
    'no key was accepted: check expiry, IP list and permissions; meanwhile cancel in the exchange’s app: Orders → Cancel all',
  ],
  [CANCEL_EXIT.unreachable]: [
    'the exchange cannot be reached from here: try --resolve HOST:IP, another network, or the exchange’s app',
  ],
  [CANCEL_EXIT.limited]: [
    'this address is shut out or limited by the exchange (ten minutes after a 403): run the same command from another address now',
  ],
  [CANCEL_EXIT.partial]: ['the key may not trade in some category: look there in the exchange’s app'],
}
