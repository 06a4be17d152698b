/**
 * `mm cancel-all` from options to exit code: keys, target, fence, cancel, proof, the lines people read. Loads no
 * configuration. Whatever fails on the side (disk, latch, proof, terminal) is said and does not stop the cancelling.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Credentials, findCredentials } from '../credentials.ts'
import { refusalLine, refusalText } from '../error-document.ts'
import { EXIT, MmError } from '../errors.ts'
import { signerOf } from '../exchange/bybit/signing.ts'
import { evidenceIdOf } from '../latch.ts'
import { plainText } from '../plain-text.ts'
import { statePath } from '../state-path.ts'
import { AddressBook } from './address-book.ts'
import { insistOnAccount, perAccount } from './accounts.ts'
import { cancelAll } from './cancel-all.ts'
import type { Outcome, Plan } from './outcome.ts'
import { newContext } from './context.ts'
import { type FenceMode, type FenceOptions, type HeardWriter, raiseFence } from './fence.ts'
import { type FenceResult, unfinishedFence } from './fence-result.ts'
import { flatten, type FlattenResult } from './flatten.ts'
import { raiseLatch } from './halt-latch.ts'
import { watchInterrupts } from './interrupts.ts'
import { netOf } from './net.ts'
import type { CancelOptions } from './options.ts'
import { progressPrinter } from './progress.ts'
import { type Proof, proofOf, writeProof } from './proof.ts'
import { report } from './report.ts'
import { RequestLog } from './request-log.ts'
import { masterRevoke } from './revoke.ts'
import { isAnswering } from './slow-disk.ts'
import { isForeignWriter, type Target, targetOf, writerAccount } from './target.ts'
import { CANCEL_EXIT } from './verdict.ts'
import { VenueClient } from './venue-client.ts'

const DISK_MS = 10_000

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Progress as it is, without line ends. */
  readonly write: (text: string) => void
  readonly isTty: boolean
  /** Package directory, for the version. */
  readonly root: string
  /** Who fires: it stands in the latch. */
  readonly by: 'cancel-all' | 'guard'
  /** A writer that was heard of; null when none was. */
  readonly writer: HeardWriter | null
}

/** Runs to the end and gives the exit code; throws MmError only for what is wrong before anything was tried. */
export async function runCancelAll(options: CancelOptions, io: Io): Promise<number> {
  const stateDir = statePath(options.stateDir, io.env)
  const target = await targetOf(options, stateDir)
  const keyFaults: string[] = []
  const onKeyFault = (text: string): void => {
    keyFaults.push(text)
    io.err(plainText(`mm: ${text}`))
  }
  const keys = keysOf(options, io.env, onKeyFault)
  const evidenceId = evidenceIdOf(io.by === 'guard' ? 'gd' : 'ca', Date.now(), Math.random())
  const around: Surroundings = {
    io,
    target,
    stateDir,
    evidenceId,
    keys,
    isRevoking: options.fence === 'revoke',
    net: netOf(target.origins, new AddressBook(options.resolve, stateDir)),
  }
  if (keys.length === 0) return withoutKey(options, around, keyFaults)
  const interrupts = watchInterrupts((text) => {
    io.err(text)
    progress.now()
  })
  const progress = progressPrinter(io)
  const plan: Plan = {
    net: around.net,
    signers: keys.map(signerOf),
    scope: scopeOf(options),
    fence: (client) => fenceOf(options, around, client),
    durationMs: options.durationMs,
    isDryRun: options.isDryRun,
    isBrief: false,
    chance: Math.random,
    abort: interrupts.abort,
    onProgress: progress.tell,
  }
  const cancelling = cancelAll(plan)
  // Read at once, a bot that halts takes its lock away, and yet behind the first cancel.
  const botUid = writerAccount(target, stateDir)
  const outcomes = insistOnAccount(await perAccount(plan, await cancelling, io.err), await botUid)
  const ends: End[] = []
  for (const [index, outcome] of outcomes.entries()) {
    const flattened = await flattenAfter(options, outcome, plan)
    const id = index === 0 ? evidenceId : `${evidenceId}-${index + 1}`
    const facts = { scope: plan.scope, isDryRun: plan.isDryRun, version: versionOf(io.root), exchange: target.shown }
    const proof = proofOf({ ...facts, evidenceId: id, outcome, flattened })
    const isFlat = outcome.exit !== CANCEL_EXIT.proven || flattened.every(({ left }) => left === '0')
    ends.push({ proof, exit: isFlat ? outcome.exit : EXIT.no })
  }
  progress.stop()
  const exit = await tell(options, around, ends)
  interrupts.stop()
  return exit
}

interface End {
  readonly proof: Proof
  readonly exit: number
}

interface Surroundings {
  /** False where no key could do it. */
  readonly isRevoking: boolean
  readonly io: Io
  readonly target: Target
  readonly stateDir: string
  readonly evidenceId: string
  readonly keys: readonly Credentials[]
  readonly net: Plan['net']
}

// Of several accounts the one that is not all right comes last: it decides, and is the document of --json.
async function tell(options: CancelOptions, { io, stateDir }: Surroundings, ends: readonly End[]): Promise<number> {
  const isWanted = !options.isDryRun || options.proofPath !== ''
  const worst = ends.find(({ exit }) => exit !== CANCEL_EXIT.proven) ?? ends[0]
  for (const end of [...ends.filter((one) => one !== worst), ...(worst === undefined ? [] : [worst])]) {
    const { proof } = end
    const number = ends.indexOf(end)
    const given = options.proofPath && `${options.proofPath}${number === 0 ? '' : `.${number + 1}`}`
    const path = given || join(stateDir, 'proofs', `${proof.evidenceId}.json`)
    const fault = isWanted ? await writeProof(path, proof) : ''
    report({ options, io, proof, path: isWanted ? path : '', fault, isDocument: end === worst })
  }
  return worst?.exit ?? EXIT.bug
}

const NO_KEY = {
  code: 'CREDENTIALS_MISSING',
  message: 'no key: set MM_EMERGENCY_API_KEY and MM_EMERGENCY_API_SECRET, or MM_API_KEY and MM_API_SECRET',
  remedy: 'or --credentials-file FILE (mode 0600). Until then cancel in the exchange’s app: Orders → Cancel all.',
  exit: CANCEL_EXIT.auth,
}

// Nothing can be cancelled, but the bot of this host still can be stopped, and then cancels by itself.
async function withoutKey(options: CancelOptions, around: Surroundings, keyFaults: readonly string[]): Promise<number> {
  const { io, net } = around
  io.err(refusalText(NO_KEY))
  const client = new VenueClient(net, [], new RequestLog())
  const { notes } = options.isDryRun ? { notes: [] } : await fenceOf(options, { ...around, isRevoking: false }, client)
  for (const note of notes) io.err(plainText(`  ${note}`))
  if (options.isJson) io.out(refusalLine(NO_KEY, { notes: [...keyFaults, ...notes] }).trimEnd())
  return NO_KEY.exit
}

function scopeOf(options: CancelOptions): Plan['scope'] {
  const { categories, symbol, prefix, isKeepingProtective } = options
  return { categories, symbol, prefix, isKeepingProtective }
}

// The emergency key first, then the bot's own: one of them may be refused.
function keysOf(options: CancelOptions, env: Io['env'], onFault: (text: string) => void): Credentials[] {
  const found: Credentials[] = []
  for (const purpose of ['emergency', 'trade'] as const) {
    const credentials = keyOf(options, { env, purpose, onFault })
    const isNew = found.every((other) => other.apiKey.reveal() !== credentials?.apiKey.reveal())
    if (credentials !== null && isNew) found.push(credentials)
  }
  return found
}

interface KeySearch {
  readonly env: Io['env']
  readonly purpose: 'emergency' | 'trade'
  readonly onFault: (text: string) => void
}

function keyOf(options: CancelOptions, search: KeySearch): Credentials | null {
  const { env, purpose, onFault } = search
  try {
    return findCredentials({ env, file: options.credentialsFile || undefined, purpose })
  } catch (error) {
    if (!(error instanceof MmError)) throw error
    onFault(`${purpose} key: ${error.message}`)
    // A broken key file must not hide a key in the environment.
    return options.credentialsFile === '' ? null : keyOf({ ...options, credentialsFile: '' }, search)
  }
}

// On a disk that hangs nobody can see whether a bot runs here: then no zero is called fenced. The sweep does not wait for
// this, so that a disk that is merely slow is waited for: a bot that was not stopped is worse.
async function fenceOf(options: CancelOptions, around: Surroundings, client: VenueClient): Promise<FenceResult> {
  const patienceMs = Math.min(DISK_MS, options.durationMs / 3)
  if (await isAnswering(around.stateDir, patienceMs)) {
    // The bot of this host trades elsewhere: stopping it would protect nothing here.
    const isForeign = isForeignWriter(around.target, around.stateDir)
    const result = await raiseFence(fenceOptions(options, around, isForeign), client)
    return isForeign ? { ...result, notes: ['the bot of this host trades on another exchange: left alone'] } : result
  }
  const note = `${around.stateDir} does not answer: neither latch nor writer of this host could be seen`
  return unfinishedFence(note, client.nowMs())
}

function fenceOptions(options: CancelOptions, around: Surroundings, isForeign: boolean): FenceOptions {
  const { stateDir, evidenceId, io, net, keys } = around
  const mode: FenceMode = isForeign ? 'none' : options.fence
  const record = { schemaVersion: 1, evidenceId, reason: io.by, by: io.by, atMs: Date.now() } as const
  const isRevoking = mode === 'revoke' && around.isRevoking
  const onFault = (text: string): void => io.err(plainText(`mm: ${text}`))
  const botKey = isRevoking ? keyOf(options, { env: io.env, purpose: 'trade', onFault }) : null
  return {
    mode,
    stateDir: isForeign ? join(stateDir, 'not-here') : stateDir,
    setLatch: () => raiseLatch(stateDir, record),
    heard: io.writer,
    revoke: isRevoking ? masterRevoke({ env: io.env, net, keys, botKey }) : null,
  }
}

async function flattenAfter(options: CancelOptions, outcome: Outcome, plan: Plan): Promise<FlattenResult[]> {
  if (!options.isFlattening || options.isDryRun || outcome.zeros.length < 2) return []
  const { client } = outcome
  const context = newContext({
    client,
    scope: plan.scope,
    deadlineMs: client.nowMs() + plan.durationMs,
    chance: plan.chance,
    isAborted: () => plan.abort.aborted,
  })
  const { symbol } = options
  return flatten(
    context,
    outcome.aftermath.positions.filter((position) => symbol === '' || position.symbol === symbol),
  )
}

function versionOf(root: string): string {
  try {
    return String((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: unknown }).version)
  } catch {
    // A moved or damaged installation must not stop an emergency.
    return 'unknown'
  }
}
