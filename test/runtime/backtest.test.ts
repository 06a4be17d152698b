/** The backtest on real data: honest about time above all. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Request } from '../../src/core/domain/request.ts'
import type { Instrument } from '../../src/core/domain/instrument.ts'
import type { Packs } from '../../src/core/engine/state.ts'
import { constantLatency } from '../../src/core/exchange/sim/latency.ts'
import { exchangeShiftUs } from '../../src/core/exchange/sim/replay-reader.ts'
import { recordedInstrument } from '../../src/core/recording/instrument.ts'
import type { Recording } from '../../src/core/recording/recording.ts'
import { KIND } from '../../src/core/recording/schema.ts'
import { loadConfig } from '../../src/core/config/load.ts'
import { type BacktestOptions, type BacktestResult, runBacktest } from '../../src/core/runtime/backtest.ts'
import { latenciesOf, QUEUE_MODEL_NAMES, queueModelNamed } from '../../src/core/runtime/backtest-models.ts'
import { engineConfig } from '../../src/core/runtime/engine-config.ts'
import { allPacks, packSchemas } from '../../src/core/runtime/packs.ts'
import { captureHead, hasCapture, importText, scratch } from '../recording/capture.ts'

const FEED_US = 1_000
const LINES = 10_000

const isHere = hasCapture()
const folder = scratch()
afterAll(folder.remove)

let recording: Recording
let instrument: Instrument
let packs: Packs
let head = ''

beforeAll(async () => {
  if (!isHere) return
  packs = await allPacks()
  head = captureHead(LINES)
  recording = await importText(head, folder.path('slice'))
  instrument = recordedInstrument(recording.meta, { makerFee: '0.0002', takerFee: '0.00055' }, 'slice')
})

interface Sent {
  readonly atUs: number
  readonly text: string
}

interface Run extends BacktestResult {
  readonly sent: readonly Sent[]
}

function run(change: Partial<BacktestOptions> = {}, set: readonly string[] = []): Run {
  const sent: Sent[] = []
  const { settings } = loadConfig({ env: {}, cwd: folder.path('.'), set }, packSchemas(packs))
  const { text: _, feedUsMin, thinkUs, ...latency } = latenciesOf(null, 1)
  const result = runBacktest({
    recording,
    instrument,
    config: engineConfig(settings, [{ instrument, priceTicks: 618_000 }], packs),
    packs,
    seed: 1,
    latency,
    feedLatencyUsMin: feedUsMin,
    thinkUs,
    queueModel: queueModelNamed('power1-3'),
    models: {},
    onRequests(requests, nowUs) {
      for (let i = 0; i < requests.length; i++) sent.push({ atUs: nowUs, text: textOf(requests.at(i)) })
    },
    ...change,
  })
  return { ...result, sent }
}

const textOf = ({ kind, order, side, priceTicks, sizeLots }: Request): string =>
  kind === 'cancel' ? `cancel ${order}` : `${kind} ${order} ${side} ${sizeLots}@${priceTicks}`

const allLegs = (us: number): BacktestOptions['latency'] => ({
  request: constantLatency(us),
  match: constantLatency(300),
  ack: constantLatency(us),
  stream: constantLatency(us),
})

describe('on the shared capture', () => {
  test.runIf(isHere)('fills by queue position, everything adds up, nothing is left', () => {
    const { summary, marketEvents } = run()
    expect(summary.fills).toBeGreaterThan(3)
    expect(summary.makerShare).toBe(1)
    expect(summary.fillRate).toBeGreaterThan(0)
    expect(summary).toMatchObject({
      type: 'summary',
      exitReason: 'end of the recording',
      openOrders: 0,
      verifiedZero: true,
      pnl: { identityExact: true },
      counters: { overfills: 0, duplicateFills: 0, foreignFills: 0, positionCorrections: 0, marketEvents },
    })
    expect(summary.markouts.map(({ horizonMs }) => horizonMs)).toEqual([100, 1_000, 5_000, 30_000, 60_000, 300_000])
    for (const row of summary.markouts) expect(row.fills + row.unresolved).toBe(summary.fills)
  })

  test.runIf(isHere)('the same inputs give the same requests and the same summary', () => {
    const [first, second] = [run(), run()]
    expect(second.sent).toEqual(first.sent)
    expect(JSON.stringify(second.summary)).toBe(JSON.stringify(first.summary))
  })

  test.runIf(isHere)('our latency changes what we get', () => {
    const [quick, slow] = [run({ latency: allLegs(1_000) }), run({ latency: allLegs(60_000) })]
    expect(slow.summary.fills).not.toBe(quick.summary.fills)
    expect(slow.summary.pnl.spreadCapture).not.toBe(quick.summary.pnl.spreadCapture)
  })

  test.runIf(isHere).each(QUEUE_MODEL_NAMES)('adds up under queue model %s', (name) => {
    const { summary } = run({ queueModel: queueModelNamed(name) })
    expect(summary).toMatchObject({ openOrders: 0, pnl: { identityExact: true } })
  })

  test.runIf(isHere)('no queue model fills sooner than one that lets only trades move us', () => {
    const fills = (name: string) => Number(run({ queueModel: queueModelNamed(name) }).summary.symbols[0]?.volume)
    expect(fills('risk-adverse')).toBeLessThanOrEqual(fills('power1-1'))
  })

  test.runIf(isHere)('a gap in the book pulls the quotes until it is known again', async () => {
    const lines = head.split('\n')
    const cut = lines.findIndex((line, index) => index > 4_000 && line.includes('depthUpdate'))
    const broken = await importText(lines.toSpliced(cut, 1).join('\n'), folder.path('gapped'))
    expect(broken.meta.gapCount).toBe(1)
    const { summary, sent } = run({ recording: broken })
    expect(summary).toMatchObject({ openOrders: 0, pnl: { identityExact: true }, counters: { bookGaps: 1 } })
    const gapUs = Number(BigInt(broken.meta.gaps[0]?.localNs ?? 0) / 1_000n)
    const around = sent.filter(({ atUs }) => atUs >= gapUs && atUs < gapUs + 9_000_000)
    expect(around.length).toBeGreaterThan(0)
    expect(around.filter(({ text }) => text.startsWith('place'))).toEqual([])
    expect(sent.some(({ atUs, text }) => atUs > gapUs + 9_000_000 && text.startsWith('place'))).toBe(true)
  })
})

describe('no look-ahead', () => {
  /** Everything that happens at the exchange after `fromUs` is changed beyond recognition; nothing before it. */
  function disturbed(fromUs: number, ticks: number, factor: number): Recording {
    const shiftUs = exchangeShiftUs(recording, FEED_US)
    const copy = {
      ...recording,
      ticks: recording.ticks.slice(),
      lots: recording.lots.slice(),
      side: recording.side.slice(),
    }
    for (let message = 0; message < recording.messageCount; message++) {
      if ((recording.exchangeUs[message] ?? 0) + shiftUs <= fromUs) continue
      const end = recording.firstRow[message + 1] ?? 0
      for (let row = recording.firstRow[message] ?? 0; row < end; row++) {
        copy.ticks[row] = (copy.ticks[row] ?? 0) + ticks
        copy.lots[row] = Math.round((copy.lots[row] ?? 0) * factor)
        if (recording.kind[message] === KIND.trade) copy.side[row] = -(copy.side[row] ?? 0)
      }
    }
    return copy
  }

  test.runIf(isHere)('what happens later never changes an earlier request', () => {
    const plain = run()
    const firstUs = recording.localUs[0] ?? 0
    const spanUs = (recording.localUs[recording.messageCount - 1] ?? 0) - firstUs
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.constantFrom(-40, -1, 1, 40),
        fc.constantFrom(0.2, 1, 5),
        (share, ticks, factor) => {
          const fromUs = Math.round(firstUs + share * spanUs)
          const other = run({ recording: disturbed(fromUs, ticks, factor) })
          const before = ({ sent }: Run) => sent.filter(({ atUs }) => atUs <= fromUs)
          const after = ({ sent }: Run) => sent.filter(({ atUs }) => atUs > fromUs)
          expect(before(other)).toEqual(before(plain))
          expect(after(other)).not.toEqual(after(plain))
        },
      ),
      { numRuns: process.env.MM_VERIFY === '1' ? 100 : 5 },
    )
  })

  test.runIf(isHere)('a run on the first part alone decides the same as on the whole', async () => {
    const firstHalf = head.split('\n', LINES / 2).join('\n')
    const half = await importText(firstHalf, folder.path('half'))
    // How far the clocks are apart is found from the whole file; given that, nothing later matters.
    const part = { ...half, meta: { ...half.meta, feedUsMin: recording.meta.feedUsMin } }
    const [whole, alone] = [run(), run({ recording: part })]
    const endUs = (part.localUs[part.messageCount - 1] ?? 0) - 1
    const early = ({ sent }: Run) => sent.filter(({ atUs }) => atUs < endUs)
    expect(early(alone).length).toBeGreaterThan(50)
    expect(early(alone)).toEqual(early(whole))
  })
})
