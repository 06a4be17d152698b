/**
 * What the runs of one day (UTC) have lost together, and how far that stands below their best: a bot that is restarted has
 * not been given new limits. Kept
 * in `day-loss.json` beside the journal, written every few seconds and at the end, away from the engine's thread of
 * work. Gains of earlier runs raise no limit. Forgotten when a person clears a halt (`mm resume`): he has looked.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseBig } from '../domain/fixed.ts'
import { replaceSoon } from '../durable-file.ts'
import type { EngineConfig } from '../engine/engine-config.ts'
import type { PnlView } from '../engine/view.ts'
import { fail, messageOf } from '../errors.ts'
import { readSmallFile } from '../small-file.ts'

export interface DayLossOptions {
  readonly stateDir: string
  /** Losses on one exchange do not count on another. */
  readonly venue: string
  readonly nowMs: () => number
  warn(text: string): void
}

interface Stand {
  readonly lossE8: number
  readonly drawdownE8: number
}

const NOTHING: Stand = { lossE8: 0, drawdownE8: 0 }
const GUARD = 'loss-limit'
const fileOf = (stateDir: string): string => join(stateDir, 'day-loss.json')
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export class DayLoss {
  /** Lost by earlier runs of today, 1e-8 quote coins; never negative. */
  readonly carriedE8: number
  private readonly options: DayLossOptions
  private saving: Promise<void> = Promise.resolve()
  /** How far today stands below its best, 1e-8 quote coins; never negative. */
  readonly drawdownE8: number
  private saved: string

  /** Throws DAY_LOSS_UNKNOWN when there is a file that cannot be read. */
  constructor(options: DayLossOptions) {
    this.options = options
    const { lossE8, drawdownE8 } = readDay(options)
    this.carriedE8 = lossE8
    this.drawdownE8 = drawdownE8
    this.saved = `${lossE8} ${drawdownE8}`
  }

  /** The same limits, less what is lost already. */
  apply(config: EngineConfig): EngineConfig {
    const limit = config.runGuards[GUARD]?.['lossE8Max']
    if (this.carriedE8 === 0 || typeof limit !== 'number') return config
    const lossE8Max = Math.max(0, limit - this.carriedE8)
    return { ...config, runGuards: { ...config.runGuards, [GUARD]: { ...config.runGuards[GUARD], lossE8Max } } }
  }

  /** Keeps what this run has made so far, and how far the day stands below its best. Resolves when it is on disk, or when it was said that it is not. */
  note(pnl: readonly PnlView[], drawdownE8: number): Promise<void> {
    const runE8 = pnl.reduce((sum, { total }) => sum + Number(parseBig(total, 8, 'down') ?? 0n), 0)
    const lossE8 = Math.max(0, this.carriedE8 - runE8)
    const stand = { lossE8, drawdownE8: Math.ceil(drawdownE8) }
    const text = `${stand.lossE8} ${stand.drawdownE8}`
    if (text === this.saved) return this.saving
    this.saved = text
    this.saving = this.saving.then(() => this.save(stand))
    return this.saving
  }

  private async save(stand: Stand): Promise<void> {
    const { stateDir, venue, nowMs, warn } = this.options
    const text = JSON.stringify({ schemaVersion: 1, venue, day: dayOf(nowMs()), ...stand })
    try {
      await replaceSoon(fileOf(stateDir), `${text}\n`)
    } catch (error) {
      warn(`the loss of the day could not be kept: ${messageOf(error)}`)
    }
  }
}

/** A person has looked: the day begins anew. */
export function forgetDayLoss(stateDir: string): void {
  rmSync(fileOf(stateDir), { force: true })
}

// Absent: nothing was lost. Anything else that cannot be read is no zero.
function readDay({ stateDir, venue, nowMs }: DayLossOptions): Stand {
  const file = fileOf(stateDir)
  try {
    const value = JSON.parse(readSmallFile(file)) as { [name: string]: unknown } | null
    // Older versions wrote no drawdown.
    const { schemaVersion, day, lossE8, drawdownE8 = 0 } = value ?? {}
    const isSound = schemaVersion === 1 && Number.isSafeInteger(lossE8) && Number.isSafeInteger(drawdownE8)
    if (!isSound) throw new Error('not what a run writes')
    if (day !== dayOf(nowMs()) || value?.['venue'] !== venue) return NOTHING
    return { lossE8: Math.max(0, Number(lossE8)), drawdownE8: Math.max(0, Number(drawdownE8)) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NOTHING
    return fail('DAY_LOSS_UNKNOWN', { file, reason: messageOf(error) }, error)
  }
}
