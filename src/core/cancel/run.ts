/**
 * `mm cancel-all` from options to exit code: keys, target, fence, cancel, proof, the lines people read. Loads no
 * configuration. Whatever fails on the side (disk, latch, proof) is said and does not stop the cancelling.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Credentials, findCredentials } from '../credentials.ts'
import { EXIT, MmError } from '../errors.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import { evidenceIdOf, setLatch } from '../latch.ts'
import { plainText } from '../plain-text.ts'
import { statePath } from '../state-path.ts'
import { AddressBook } from './address-book.ts'
import { CANCEL_EXIT, cancelAll, type Outcome, type Plan } from './cancel-all.ts'
import { type FenceMode, raiseFence } from './fence.ts'
import { flatten, type FlattenResult } from './flatten.ts'
import { netOf } from './net.ts'
import type { CancelOptions } from './options.ts'
import { progressPrinter } from './progress.ts'
import { closingLine, type Proof, proofOf, writeProof } from './proof.ts'
import { masterRevoke } from './revoke.ts'
import { type Target, targetOf } from './target.ts'

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly isTty: boolean
  /** Package directory, for the version. */
  readonly root: string
}

/** Runs to the end and gives the exit code; throws MmError only for what is wrong before anything was tried. */
export async function runCancelAll(options: CancelOptions, io: Io): Promise<number> {
  const stateDir = statePath(options.stateDir, io.env)
  const target = targetOf(options, stateDir)
  const keys = keysOf(options, io)
  if (keys.length === 0) {
    io.err('mm: no key: set MM_EMERGENCY_API_KEY and MM_EMERGENCY_API_SECRET, or MM_API_KEY and MM_API_SECRET')
    io.err('    or --credentials-file FILE (mode 0600). Until then cancel in the exchange’s app: Orders → Cancel all.')
    return CANCEL_EXIT.auth
  }
  const evidenceId = evidenceIdOf('ca', Date.now(), Math.random())
  const net = netOf(target.origins, new AddressBook(options.resolve, stateDir))
  const interrupts = countInterrupts(io)
  const plan: Plan = {
    net,
    signers: keys.map(signerOf),
    scope: scopeOf(options),
    fence: (client) => raiseFence(fenceOptions(options, { io, target, stateDir, evidenceId, net }), client),
    durationMs: options.durationMs,
    isDryRun: options.isDryRun,
    chance: Math.random,
    isAborted: () => interrupts.count >= 2,
    onProgress: progressPrinter(io, interrupts),
  }
  const outcome = await cancelAll(plan)
  const closed = await flattenAfter(options, outcome, plan)
  interrupts.stop()
  const proof = proofOf({
    evidenceId,
    version: versionOf(io.root),
    exchange: target.shown,
    scope: plan.scope,
    isDryRun: options.isDryRun,
    outcome,
  })
  report(options, io, { proof, closed, path: options.proofPath || join(stateDir, 'proofs', `${evidenceId}.json`) })
  return outcome.exit === CANCEL_EXIT.proven && closed.some(({ left }) => left !== '0') ? EXIT.no : outcome.exit
}

function scopeOf(options: CancelOptions): Plan['scope'] {
  const { categories, symbol, prefix, isKeepingProtective } = options
  return { categories, symbol, prefix, isKeepingProtective }
}

// The emergency key first, then the bot's own: one of them may be refused.
function keysOf(options: CancelOptions, io: Io): Credentials[] {
  const sources = { env: io.env, file: options.credentialsFile || undefined }
  const found: Credentials[] = []
  for (const purpose of ['emergency', 'trade'] as const) {
    try {
      const credentials = findCredentials({ ...sources, purpose })
      const isNew = found.every((other) => other.apiKey.reveal() !== credentials?.apiKey.reveal())
      if (credentials !== null && isNew) found.push(credentials)
    } catch (error) {
      if (!(error instanceof MmError)) throw error
      io.err(plainText(`mm: ${purpose} key: ${error.message}`))
    }
  }
  return found
}

interface Surroundings {
  readonly io: Io
  readonly target: Target
  readonly stateDir: string
  readonly evidenceId: string
  readonly net: Plan['net']
}

function fenceOptions(options: CancelOptions, around: Surroundings) {
  const { target, stateDir, evidenceId, io, net } = around
  // The bot of this host trades elsewhere: stopping it would protect nothing here.
  const mode: FenceMode = target.isForeignWriter ? 'none' : options.fence
  return {
    mode,
    stateDir: target.isForeignWriter ? join(stateDir, 'not-here') : stateDir,
    setLatch: () => {
      const record = { schemaVersion: 1, evidenceId, reason: 'cancel-all', by: 'cancel-all', atMs: Date.now() } as const
      const written = setLatch(stateDir, record)
      return 'failed' in written ? written.failed : ''
    },
    revoke: mode === 'revoke' ? masterRevoke(io.env, net) : null,
  }
}

async function flattenAfter(options: CancelOptions, outcome: Outcome, plan: Plan): Promise<FlattenResult[]> {
  if (!options.isFlattening || options.isDryRun || outcome.zeros.length < 2) return []
  return flatten(
    {
      client: outcome.client,
      scope: plan.scope,
      deadlineMs: outcome.client.nowMs() + plan.durationMs,
      chance: plan.chance,
      isAborted: plan.isAborted,
      seen: new Map(),
      denied: new Map(),
      refusals: new Map(),
      lastTrouble: '',
    },
    outcome.aftermath.positions,
  )
}

interface Finished {
  readonly proof: Proof
  readonly closed: readonly FlattenResult[]
  readonly path: string
}

function report(options: CancelOptions, io: Io, { proof, closed, path }: Finished): void {
  const say = options.isJson ? io.err : io.out
  const fault = options.isDryRun && options.proofPath === '' ? '' : writeProof(path, proof)
  if (options.isJson) io.out(JSON.stringify({ ...proof, flattened: closed }))
  for (const note of proof.fence.notes) say(plainText(`  ${note}`))
  for (const order of proof.open) {
    say(
      plainText(
        `  ${options.isDryRun ? 'would cancel' : 'OPEN'} ${order.category} ${order.symbol} ${order.orderId} ${order.orderLinkId}`,
      ),
    )
  }
  const protective = proof.orders.filter(({ isProtective, final }) => isProtective && final === 'cancelled')
  for (const { symbol, orderId } of protective) say(plainText(`  protective order removed: ${symbol} ${orderId}`))
  for (const [unit, text] of Object.entries(proof.refusals)) say(plainText(`  ${unit}: ${text}`))
  for (const [category, code] of Object.entries(proof.notPermitted))
    say(plainText(`  ${category}: not permitted (${code})`))
  for (const { symbol, left, trouble } of closed) {
    say(plainText(left === '0' ? `  ${symbol} flat` : `  ${symbol} NOT flat: ${left || 'unknown'} left ${trouble}`))
  }
  if (proof.trouble !== '' && proof.exitCode !== 0) say(plainText(`  last trouble: ${proof.trouble}`))
  if (proof.exitCode === CANCEL_EXIT.limited) say(BANNED_ADVICE)
  if (fault === '') {
    if (!options.isDryRun) say(`  proof: ${path}`)
  } else {
    say(plainText(`  proof not written to ${path}: ${fault}`))
    if (!options.isJson) io.err(JSON.stringify(proof))
  }
  say(plainText(closingLine(proof)))
}

const BANNED_ADVICE =
  '  this address is shut out by the exchange (ten minutes as documented): run the same command from another address now'

interface Interrupts {
  count: number
  readonly stop: () => void
}

// Ctrl-C once: say where we are and go on. Twice: leave, state unknown. No other signal stops an emergency either.
function countInterrupts(io: Io): Interrupts {
  const onSignal = (): void => {
    interrupts.count++
    if (interrupts.count === 1)
      io.err('mm: still cancelling; interrupt again to leave with the state unknown (exit 12)')
  }
  const stop = (): void => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  const interrupts: Interrupts = { count: 0, stop }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return interrupts
}

function versionOf(root: string): string {
  try {
    return String((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: unknown }).version)
  } catch {
    // A moved or damaged installation must not stop an emergency.
    return 'unknown'
  }
}
