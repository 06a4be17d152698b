/**
 * Market events per second of a whole backtest (engine with all guards, exchange, queue model) over the recorded capture,
 * beside a plain `JSON.parse` of the same lines. One event is one level change, trade or best-quote update; seconds are CPU
 * seconds of this process. The first run pays for compilation, as a short recording does; the median of warm runs is the
 * figure. No forced collections: they throw compiled code away.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { importCapture } from '../src/core/recording/import.ts'
import { MarketCursor, WARMUP_US } from '../src/core/recording/market-cursor.ts'
import { readRecording } from '../src/core/recording/reader.ts'
import { eventCount } from '../src/core/recording/schema.ts'
import { symbolId } from '../src/core/domain/units.ts'
import { backtestFile } from '../src/core/runtime/backtest-file.ts'
import { QUEUE_MODEL_DEFAULT } from '../src/core/runtime/backtest-models.ts'

const CAPTURE = join(process.env.MM_SHARED ?? '../shared', 'data/binance-usdm-btcusdt-20240808.raw.gz')
const WARM_UPS = 6
const REPS = 9

export interface BacktestBench {
  readonly events: number
  readonly jsonParsePerS: number
  readonly readPerS: number
  readonly walkPerS: number
  readonly coldPerS: number
  /** Reading the file included. */
  readonly backtestPerS: number
  /** Time of `JSON.parse` over time of the backtest: above 1 the backtest is quicker. */
  readonly ratioToJsonParse: number
}

/** null where the recorded data is missing. */
export async function run(): Promise<BacktestBench | null> {
  if (!existsSync(CAPTURE)) return null
  const folder = mkdtempSync(join(tmpdir(), 'mm-bench-'))
  try {
    const out = join(folder, 'recording')
    const meta = await importCapture({
      file: CAPTURE,
      out,
      symbol: null,
      tickSize: null,
      lotSize: null,
      category: null,
    })
    return await measure(out, eventCount(meta))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(file: string, events: number): Promise<BacktestBench> {
  const frames = gunzipSync(readFileSync(CAPTURE))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' ') + 1))
  const backtest = () =>
    backtestFile({
      file,
      sources: { env: {}, cwd: tmpdir() },
      queueModel: QUEUE_MODEL_DEFAULT,
      latency: null,
      fees: { makerFee: '0.0002', takerFee: '0.00055' },
      seed: 1,
    })
  const coldMs = await timed(backtest)
  const recording = await readRecording(file)
  // One after the other: a compiler that sees all of them in turn optimises none of them as a long run would.
  const times = {
    backtest: await series(backtest),
    json: await series(() => parseAll(frames)),
    read: await series(() => readRecording(file)),
    walk: await series(() => walk(recording)),
  }
  const perS = (ms: number): number => Math.round((events / ms) * 1_000)
  return {
    events,
    jsonParsePerS: perS(median(times.json)),
    readPerS: perS(median(times.read)),
    walkPerS: perS(median(times.walk)),
    coldPerS: perS(coldMs),
    backtestPerS: perS(median(times.backtest)),
    ratioToJsonParse: median(times.json) / median(times.backtest),
  }
}

function parseAll(frames: readonly string[]): number {
  let fields = 0
  for (const frame of frames) fields += Object.keys(JSON.parse(frame) as object).length
  return fields
}

function walk(recording: Awaited<ReturnType<typeof readRecording>>): number {
  const cursor = new MarketCursor(recording, {
    order: 'received',
    exchangeShiftUs: 0,
    warmupUs: WARMUP_US,
    symbol: symbolId(0),
  })
  while (cursor.step() !== 'end');
  return cursor.eventsPassed
}

async function series(work: () => unknown): Promise<number[]> {
  for (let rep = 0; rep < WARM_UPS; rep++) await work()
  const times: number[] = []
  for (let rep = 0; rep < REPS; rep++) times.push(await timed(work))
  return times
}

/** CPU time in ms: what one core needs, whatever the neighbours do meanwhile. */
async function timed(work: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

if (import.meta.main) {
  const result = await run()
  if (result === null) process.stdout.write(`recorded data is missing (${CAPTURE}): nothing measured; set MM_SHARED\n`)
  else {
    const m = (perS: number): string => `${(perS / 1e6).toFixed(2)} M events/s`
    process.stdout.write(
      `${result.events} market events, ${REPS} runs, median, per second of one core
  backtest, file read included   ${m(result.backtestPerS)} (first run ${m(result.coldPerS)})
  JSON.parse of the same frames  ${m(result.jsonParsePerS)}: the backtest takes ${(1 / result.ratioToJsonParse).toFixed(2)} × its time
  reading alone                  ${m(result.readPerS)}
  walking the folded book alone  ${m(result.walkPerS)}\n`,
    )
  }
}
