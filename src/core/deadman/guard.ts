/**
 * The dead-man process: waits for a bot's heartbeats and, when they stop, cancels everything on the account with the same
 * code as `mm cancel-all`. Tests itself with a dry run every hour. Holds no state of the exchange and opens no stream, so
 * that it never keeps disconnect protection of the venue (dcp) alive for a dead bot.
 */
import { runCancelAll } from '../cancel/run.ts'
import type { CancelOptions } from '../cancel/options.ts'
import { MmError } from '../errors.ts'
import { sendAlert } from './alert.ts'
import type { Heartbeat } from './message.ts'
import { Watch } from './watch.ts'

export interface GuardOptions {
  readonly ttlMs: number
  readonly selfTestMs: number
  /** What to fire: as the command line of `mm cancel-all`. */
  readonly cancel: CancelOptions
  /** '' for none. */
  readonly alertUrl: string
  /** Heartbeats come from another host: nothing here can stop that bot. */
  readonly isRemote: boolean
}

export interface GuardIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly root: string
  /** One line for scripts. */
  readonly emit: (line: object) => void
  /** Text for people. */
  readonly say: (text: string) => void
}

const TICK_MS = 100
/** So late that it was this process that stood still: what the bot said meanwhile waits in the socket. */
const STALL_MS = 1_000
const AGAIN_MS = 5_000
const TELL_AGAIN_MS = 60_000
/** Nothing is open; whoever may still write is for people to find. */
const ZERO_EXITS = new Set([0, 10, 16])

export class Guard {
  readonly watch: Watch
  private readonly options: GuardOptions
  private readonly io: GuardIo
  private tick: NodeJS.Timeout | null = null
  private test: NodeJS.Timeout | null = null
  private firing: Promise<void> | null = null
  private lookedMs = performance.now()
  /** Once only: a machine that always stands still must not keep it from firing. */
  private hasWaited = false

  constructor(options: GuardOptions, io: GuardIo) {
    this.options = options
    this.io = io
    this.watch = new Watch(options.ttlMs)
  }

  start(): void {
    this.tick = setInterval(() => this.look(), TICK_MS)
    this.test = setInterval(() => void this.selfTest(), this.options.selfTestMs)
    if (this.isAimed()) void this.selfTest()
  }

  /** Ends; an emergency under way is finished first. Leaving while armed is told. */
  async stop(): Promise<void> {
    if (this.tick !== null) clearInterval(this.tick)
    if (this.test !== null) clearInterval(this.test)
    await this.firing
    if (this.watch.phase === 'armed') await this.alert('error', 'the guard was stopped while a bot relied on it')
  }

  hear(heartbeat: Heartbeat): boolean {
    const before = this.watch.phase
    const isAimedBefore = this.isAimed()
    const counts = this.watch.hear(heartbeat, performance.now(), Date.now())
    const { phase } = this.watch
    if (counts && phase !== before) {
      const { bot } = heartbeat
      this.io.emit({ type: phase, bot })
      this.io.say(phase === 'armed' ? `armed by ${bot}` : `${bot} ended in order: disarmed`)
      if (!isAimedBefore) void this.selfTest()
    }
    return counts
  }

  private look(): void {
    const nowMs = performance.now()
    const isStalled = nowMs - this.lookedMs > STALL_MS && !this.hasWaited
    this.lookedMs = nowMs
    this.hasWaited = isStalled
    if (isStalled) return
    const silentMs = this.watch.silentMs(nowMs)
    if (this.firing !== null || !this.watch.tick(nowMs)) return
    this.firing = this.fire(silentMs).finally(() => {
      this.firing = null
    })
  }

  private async fire(silentMs: number): Promise<void> {
    const text = `no heartbeat for ${(silentMs / 1_000).toFixed(1)} s: cancelling everything`
    this.io.emit({ type: 'firing', silentMs: Math.round(silentMs) })
    this.io.say(text)
    // The webhook must not delay the cancel.
    void this.alert('error', text)
    let toldMs = Number.NEGATIVE_INFINITY
    while (this.watch.phase === 'firing') {
      const exit = await this.cancel(this.options.cancel)
      const isZero = ZERO_EXITS.has(exit)
      this.watch.signal(isZero ? 'zero' : 'failed')
      this.io.emit({ type: isZero ? 'fired' : 'failed', exit })
      if (isZero || performance.now() - toldMs > TELL_AGAIN_MS) {
        toldMs = performance.now()
        await this.alert('error', firedText(exit))
      }
      if (!isZero) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }

  /** Reads only: key, network and exchange as an emergency would need them. */
  private async selfTest(): Promise<void> {
    if (!this.isAimed() || this.firing !== null) return
    const exit = await this.cancel({ ...this.options.cancel, isDryRun: true, durationMs: 20_000 })
    this.io.emit({ type: 'self-test', exit })
    if (exit !== 0) await this.alert('error', `self-test failed: cancel-all --dry-run ended with ${exit}`)
  }

  // Told where to fire, or heard it from the bot.
  private isAimed(): boolean {
    const { exchangeUrl, venue } = this.options.cancel
    return exchangeUrl !== '' || venue !== '' || this.watch.last !== null
  }

  private async cancel(options: CancelOptions): Promise<number> {
    const { last } = this.watch
    const isNamed = options.exchangeUrl !== '' || options.venue !== ''
    const told = isNamed || last === null ? {} : { venue: last.venue, exchangeUrl: last.exchangeUrl }
    const say = (text: string): void => this.io.say(text)
    const { isRemote } = this.options
    const writer = last === null ? null : { createWindowMs: last.createWindowMs, isRemote }
    // Lock and latch of the bot itself, which may keep them elsewhere than we would.
    const stateDir = (isRemote ? '' : last?.stateDir) || options.stateDir
    const silent = { out: say, err: say, write: () => undefined, isTty: false, by: 'guard', writer } as const
    try {
      return await runCancelAll({ ...options, ...told, stateDir }, { env: this.io.env, root: this.io.root, ...silent })
    } catch (error) {
      this.io.say(error instanceof MmError ? `${error.message}; ${error.remedy}` : String(error))
      return error instanceof MmError ? error.exit : 70
    }
  }

  private async alert(level: 'info' | 'error', text: string): Promise<void> {
    const { alertUrl } = this.options
    if (alertUrl === '') return
    const fault = await sendAlert(alertUrl, { level, text })
    if (fault !== '') this.io.say(`the alert could not be delivered: ${fault}`)
  }
}

function firedText(exit: number): string {
  if (exit === 0) return 'fired: zero open orders, verified'
  const next = ZERO_EXITS.has(exit) ? 'look for a writer that is still alive' : 'trying again'
  return `fired: cancel-all ended with exit code ${exit}; ${next}`
}
