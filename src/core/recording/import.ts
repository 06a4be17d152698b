/**
 * `mm import`: a raw capture becomes a recording. Two passes: a survey that decodes everything and finds the grids, then
 * the writing. Every line is accounted for, update ids are checked, and nothing appears under the target's name until
 * all of it is on disk. It never repairs data: what does not join is marked as a gap.
 */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type Grid, gridOf, toSteps } from '../domain/fixed.ts'
import { fail, MmError } from '../errors.ts'
import { BestQuoteCheck } from './best-quote-check.ts'
import { BookChain } from './book-chain.ts'
import { type CaptureLine, decodeLine, refuse } from './capture-frames.ts'
import { type CaptureProgress, eachCaptureLine, type LineAt } from './capture-lines.ts'
import type { BookFrame, Category, Frame, TextLevel } from './frame.ts'
import { readRecordingMeta } from './reader.ts'
import { FLAG, FORMAT, type GapMark, KIND, type Kind, type RecordingMeta, VERSION } from './schema.ts'
import { type Survey, surveyCapture } from './survey.ts'
import { RecordingWriter } from './writer.ts'

export interface ImportOptions {
  readonly file: string
  readonly out: string
  /** null: the only symbol of the file. */
  readonly symbol: string | null
  /** Decimal text; null: found from the data. */
  readonly tickSize: string | null
  readonly lotSize: string | null
  /** null: told by the frames. */
  readonly category: Category | null
  readonly onProgress?: (pass: 1 | 2, done: number, total: number) => void
}

/** Converts and returns the metadata of the new recording. */
export async function importCapture(options: ImportOptions): Promise<RecordingMeta> {
  const { file, out, symbol, onProgress } = options
  await refuseForeignTarget(out)
  const survey = await surveyCapture(file, symbol, passProgress(onProgress, 1))
  const grids = gridsOf(options, survey)
  const writer = new RecordingWriter(out)
  try {
    const second = new Importer({ survey, grids, writer })
    await eachCaptureLine(file, (text, at) => second.line(decodeLine(text, at), at), passProgress(onProgress, 2))
    return writer.finish(second.meta(file, options.category ?? survey.category))
  } finally {
    writer.abandon()
  }
}

interface Grids {
  readonly price: Grid
  readonly size: Grid
}

interface ImporterParts {
  readonly survey: Survey
  readonly grids: Grids
  readonly writer: RecordingWriter
}

const GAPS_LISTED_MAX = 100

class Importer {
  private readonly parts: ImporterParts
  private readonly chain = new BookChain()
  private readonly check = new BestQuoteCheck()
  private readonly skipped = new Map<string, number>()
  private readonly messages: Record<Kind, number> = { snapshot: 0, delta: 0, bestQuote: 0, trade: 0, gap: 0, empty: 0 }
  private readonly events = { levels: 0, trades: 0, bestQuotes: 0 }
  private readonly gaps: GapMark[] = []
  private lines = 0
  private used = 0
  private repeated = 0
  private outOfOrder = 0
  private firstNs = 0n
  private lastNs = 0n
  private latestMs = 0
  private feedUsMin = Number.POSITIVE_INFINITY

  constructor(parts: ImporterParts) {
    this.parts = parts
  }

  line(captured: CaptureLine, at: LineAt): void {
    this.lines++
    const { symbol } = this.parts.survey
    const reasons = captured.frames.map((frame) =>
      frame.symbol === null || frame.symbol === symbol ? this.frame(frame, captured.localNs, at) : 'another symbol',
    )
    if (reasons.includes('')) this.used++
    else this.skip(reasons[0] ?? captured.skip)
  }

  meta(file: string, category: Category): Omit<RecordingMeta, 'crc32' | 'rows'> {
    const { survey, grids } = this.parts
    return {
      format: FORMAT,
      version: VERSION,
      venue: survey.venue,
      symbol: survey.symbol,
      category,
      tickSize: grids.price.step,
      lotSize: grids.size.step,
      createdBy: 'mm import',
      source: {
        format: 'hftbacktest',
        file: basename(file),
        bytes: survey.end.bytes,
        sha256: survey.end.sha256,
      },
      span: { firstLocalNs: String(this.firstNs), lastLocalNs: String(this.lastNs) },
      lines: { total: this.lines, used: this.used, skipped: Object.fromEntries(this.skipped) },
      messages: this.messages,
      events: this.events,
      repeatedMessages: this.repeated,
      outOfOrder: this.outOfOrder,
      gapCount: this.messages.gap,
      gaps: this.gaps,
      feedUsMin: Number.isFinite(this.feedUsMin) ? this.feedUsMin : 0,
      bestQuoteCheck: { compared: this.check.compared, equal: this.check.equal },
    }
  }

  /** '' when the frame was recorded, else why not. */
  private frame(frame: Frame, localNs: bigint, at: LineAt): string {
    if (frame.kind === 'trade') {
      this.open(frame, localNs, { kind: 'trade', flags: frame.isOffBook ? FLAG.offBook : 0, updateId: frame.id })
      this.row(frame.takerSide, [frame.price, frame.size], at)
      this.events.trades++
      return ''
    }
    if (frame.kind === 'bestQuote') return this.bestQuote(frame, localNs, at)
    const { stream } = this.parts.survey
    if (frame.stream !== stream) return `${frame.stream} (the deeper ${stream} is recorded)`
    const { gap, isKept, why, repeat } = frame.kind === 'delta' ? this.chain.delta(frame) : this.chain.snapshot(frame)
    if (!isKept) return why
    if (gap !== null) this.gap(frame, localNs, gap)
    this.book(frame, localNs, at, 0)
    for (const delta of repeat) this.book(delta, localNs, at, FLAG.repeated)
    return ''
  }

  private bestQuote(frame: BookFrame, localNs: bigint, at: LineAt): string {
    const bid = frame.bids.findLast(isPresent)
    const ask = frame.asks.findLast(isPresent)
    if (bid === undefined && ask === undefined) return 'best quote without a level'
    this.open(frame, localNs, { kind: 'bestQuote', flags: 0, updateId: frame.sequence })
    if (bid !== undefined) this.row(1, bid, at)
    if (ask !== undefined) this.row(-1, ask, at)
    this.events.bestQuotes++
    const { price, size } = this.parts.grids
    if (bid !== undefined && ask !== undefined)
      this.check.bestQuote(frame.sequence, [bid, ask].map(stepsOf(price, size)))
    return ''
  }

  private book(frame: BookFrame, localNs: bigint, at: LineAt, flags: number): void {
    const levels = frame.bids.length + frame.asks.length
    const kind = levels === 0 && frame.kind === 'delta' ? 'empty' : frame.kind
    this.open(frame, localNs, { kind, flags, updateId: frame.sequence })
    for (const level of frame.bids) this.row(1, level, at)
    for (const level of frame.asks) this.row(-1, level, at)
    if (levels === 0) this.parts.writer.row(0, 0, 0)
    if (flags === FLAG.repeated) this.repeated++
    else this.events.levels += levels
    const steps = stepsOf(this.parts.grids.price, this.parts.grids.size)
    this.check.book(frame, frame.bids.map(steps), frame.asks.map(steps))
  }

  private gap(frame: BookFrame, localNs: bigint, gap: { expectedId: number; foundId: number }): void {
    this.check.gap()
    this.open(frame, localNs, { kind: 'gap', flags: 0, updateId: frame.sequence })
    this.parts.writer.row(0, 0, 0)
    const message = this.parts.writer.messageCount - 1
    if (this.gaps.length < GAPS_LISTED_MAX) this.gaps.push({ message, localNs: String(localNs), ...gap })
  }

  private open(frame: Frame, localNs: bigint, what: { kind: Kind; flags: number; updateId: number }): void {
    const exchangeMs = frame.exchangeMs ?? this.latestMs
    const sentMs = frame.sentMs ?? exchangeMs
    const estimated = frame.exchangeMs === null ? FLAG.timeEstimated : 0
    this.latestMs = Math.max(this.latestMs, exchangeMs)
    if (this.lastNs === 0n) this.firstNs = localNs
    else if (localNs < this.lastNs) this.outOfOrder++
    if (localNs > this.lastNs) this.lastNs = localNs
    if (estimated === 0) this.feedUsMin = Math.min(this.feedUsMin, Number(localNs / 1000n) - exchangeMs * 1000)
    this.messages[what.kind]++
    this.parts.writer.message({
      kind: KIND[what.kind],
      flags: what.flags | estimated,
      localNs,
      exchangeUs: exchangeMs * 1000,
      sentUs: sentMs * 1000,
      updateId: what.updateId,
    })
  }

  private row(side: number, [priceText, sizeText]: TextLevel, at: LineAt): void {
    const { price, size } = this.parts.grids
    const ticks = toSteps(priceText, price)
    if (!Number.isSafeInteger(ticks)) refuse(at, `price ${priceText.slice(0, 40)} is no multiple of ${price.step}`)
    const lots = toSteps(sizeText, size)
    if (!Number.isSafeInteger(lots)) refuse(at, `size ${sizeText.slice(0, 40)} is no multiple of ${size.step}`)
    this.parts.writer.row(side, ticks, lots)
  }

  private skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1)
  }
}

function isPresent([, size]: TextLevel): boolean {
  return /[1-9]/.test(size)
}

function stepsOf(price: Grid, size: Grid): (level: TextLevel) => readonly [number, number] {
  return ([priceText, sizeText]) => [toSteps(priceText, price), toSteps(sizeText, size)]
}

function gridsOf(options: ImportOptions, survey: Survey): Grids {
  return {
    price: gridFrom('--tick', options.tickSize ?? survey.tickSize ?? '1'),
    size: gridFrom('--lot', options.lotSize ?? survey.lotSize ?? '1'),
  }
}

function gridFrom(flag: string, step: string): Grid {
  return gridOf(step) ?? fail('USAGE', { what: `${flag} ${step}: must be a positive decimal such as 0.1` })
}

/** Overwrites nothing but an earlier recording. */
async function refuseForeignTarget(out: string): Promise<void> {
  if (!existsSync(out)) return
  try {
    await readRecordingMeta(out)
  } catch (error) {
    if (!(error instanceof MmError)) throw error
    if (error.code === 'RECORDING_VERSION' || error.code === 'RECORDING_DAMAGED') return
    fail('IMPORT_OUT_EXISTS', { file: out }, error)
  }
}

function passProgress(onProgress: ImportOptions['onProgress'], pass: 1 | 2): CaptureProgress {
  return (done, total) => onProgress?.(pass, done, total)
}
