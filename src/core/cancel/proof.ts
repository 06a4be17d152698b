/**
 * The evidence of one emergency cancel: a JSON document (its schema is docs/reference/cancel-proof.schema.json) and one
 * closing line for people. Holds no key, secret or signature. Written last and best effort: an unwritable path is a
 * warning, the document then goes to stdout or stays in memory.
 */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { writeSoon } from '../durable-file.ts'
import { makeFolderSoon } from '../make-folder.ts'
import type { Outcome } from './outcome.ts'
import { orderKey } from './context.ts'
import type { FlattenResult } from './flatten.ts'
import type { Scope } from './scope.ts'
import { within } from './slow-disk.ts'
import { CANCEL_EXIT } from './verdict.ts'

export interface ProofInput {
  readonly evidenceId: string
  readonly version: string
  /** Where it was sent, without path. */
  readonly exchange: string
  readonly scope: Scope
  readonly isDryRun: boolean
  readonly outcome: Outcome
  readonly flattened: readonly FlattenResult[]
}

export type Proof = ReturnType<typeof proofOf>

const VERDICT: Readonly<Record<number, string>> = {
  [CANCEL_EXIT.proven]: 'zero open orders, verified, writer fenced',
  [CANCEL_EXIT.notFenced]: 'zero open orders, verified, but a writer may still be alive: orders may reappear',
  [CANCEL_EXIT.residual]: 'open orders remain',
  [CANCEL_EXIT.unknown]: 'ended before the state was known',
  [CANCEL_EXIT.auth]: 'no key was accepted',
  [CANCEL_EXIT.unreachable]: 'the exchange could not be reached',
  [CANCEL_EXIT.limited]: 'rate limited or shut out by the exchange for the whole time',
  [CANCEL_EXIT.partial]:
    'zero in what could be checked; not permitted in some categories, or not the account of the bot',
}

export function proofOf(input: ProofInput) {
  const { outcome } = input
  const { client, aftermath, fence } = outcome
  const body = {
    schemaVersion: 1,
    type: 'cancel-all',
    evidenceId: input.evidenceId,
    tool: { name: 'mm', version: input.version },
    host: hostname(),
    exchange: input.exchange,
    uid: aftermath.uid,
    key: client.keyFingerprint(),
    dryRun: input.isDryRun,
    scope: { ...input.scope },
    startedMs: Math.floor(outcome.startedServerMs),
    endedMs: Math.floor(outcome.endedServerMs),
    clock: client.clock.sample(),
    fence: {
      level: fence.level,
      writerKnown: fence.isWriterKnown,
      writerAlive: fence.isWriterAlive,
      acceptableUntilMs: Math.floor(outcome.acceptableUntilMs),
      notes: fence.notes,
    },
    tSafeMs: Math.floor(outcome.tSafeMs),
    zeroSnapshots: outcome.zeros,
    verifiedZero: isZero(outcome),
    orders: finalOrders(outcome),
    look: outcome.look,
    open: outcome.residual,
    spared: outcome.spared,
    lateOrders: outcome.lateOrders,
    strangerOrders: outcome.strangerOrders,
    notPermitted: Object.fromEntries(outcome.denied),
    refusals: Object.fromEntries(outcome.refusals),
    trouble: outcome.trouble,
    fills: aftermath.fills,
    positions: aftermath.positions,
    unread: aftermath.missing,
    flattened: input.flattened,
    requests: outcome.log.rows,
    requestsHead: outcome.log.head,
    exitCode: outcome.exit,
    verdict: VERDICT[outcome.exit] ?? '',
  }
  return { ...body, sha256: digestOf(body) }
}

/** Hash over the document without its own hash: its JSON as written, keys in the order they stand. */
export function digestOf(body: Record<string, unknown>): string {
  const { sha256: _, ...rest } = body
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex')
}

function isZero({ zeros, residual }: Outcome): boolean {
  return zeros.length >= 2 && residual.length === 0
}

// Nothing open was seen of it any more: filled when an execution since the start names it, otherwise cancelled. Without
// proof of zero the exchange has not said so, and an order that is still listed is open.
function finalOrders(outcome: Outcome) {
  const open = new Set(outcome.residual.map(orderKey))
  const filled = new Set(outcome.aftermath.fills.map(orderKey))
  const isProven = isZero(outcome)
  return outcome.seen.map((order) => {
    const key = orderKey(order)
    const final =
      open.has(key) && !isProven ? 'open' : filled.has(key) ? 'filledDuring' : isProven ? 'cancelled' : 'unknown'
    return { ...order, final }
  })
}

/** The last line: what holds, since when, at what cost. */
export function closingLine(proof: Proof): string {
  const cancelled = proof.orders.filter(({ final }) => final === 'cancelled').length
  const filled = proof.orders.filter(({ final }) => final === 'filledDuring').length
  // What was flattened is told by what it left: the positions are those of before.
  const positions =
    proof.flattened.length > 0
      ? proof.flattened.flatMap(({ symbol, left }) => (left === '0' ? [] : [`${symbol} ${left || 'unknown'}`]))
      : proof.positions.map(({ symbol, side, size }) => `${symbol} ${side === 'Buy' ? '+' : '-'}${size}`)
  const tail = `${cancelled} cancelled, ${filled} filled during cancel, positions: ${positions.join(', ') || 'none'}`
  const where = `${proof.uid === '' ? 'account unread' : `account ${proof.uid}`} at ${proof.exchange}`
  if (proof.dryRun) {
    const found = proof.look === 'none' ? `FAILED (${proof.verdict}): ` : ''
    return `DRY RUN (${where}): ${found}${openText(proof, 'would be cancelled')}; nothing was sent`
  }
  const [, second] = proof.zeroSnapshots
  if (second === undefined || !proof.verifiedZero)
    return `NOT VERIFIED (${proof.verdict}) (${where}): ${openText(proof, 'at the last look')} — ${tail}`
  const fence = `${where}, fence ${proof.fence.level}, T_safe ${timeOf(proof.tSafeMs)}`
  const what = proof.exitCode === 0 ? 'ZERO OPEN ORDERS' : `ZERO OPEN ORDERS SEEN, BUT ${proof.verdict}`
  return `${what} verified at ${timeOf(second.startServerMs)} (${fence}) — ${tail}`
}

// Nobody may read a number where nobody could look.
function openText({ look, open }: Proof, rest: string): string {
  if (look === 'none') return open.length === 0 ? 'what is open is NOT KNOWN' : `at least ${open.length} open`
  return `${open.length} open orders ${rest}${look === 'partial' ? ', of what the key may read' : ''}`
}

function timeOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11) : 'unknown'
}

const WRITE_MS = 3_000

/** Writes and syncs the file; the text of a failure, '' when it stands on disk. A disk that hangs is a failure too. */
export async function writeProof(path: string, proof: Proof): Promise<string> {
  const written = write(path, `${JSON.stringify(proof, null, 1)}\n`).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : 'cannot be written'),
  )
  return within(written, WRITE_MS, `the disk took more than ${WRITE_MS} ms`)
}

async function write(path: string, text: string): Promise<void> {
  await makeFolderSoon(dirname(path))
  await writeSoon(path, text)
}
