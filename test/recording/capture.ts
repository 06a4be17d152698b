/** Captures made by hand, and the shared real one, for the tests of recording and replay. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { importCapture, type ImportOptions } from '../../src/core/recording/import.ts'
import { readRecording } from '../../src/core/recording/reader.ts'
import type { Recording } from '../../src/core/recording/recording.ts'

export const CAPTURE = join(process.env.MM_SHARED ?? '../shared', 'data/binance-usdm-btcusdt-20240808.raw.gz')

/** False prints why; where MM_REQUIRE_DATA is set, missing data is a failure. */
export function hasCapture(): boolean {
  if (existsSync(CAPTURE)) return true
  if (process.env.MM_REQUIRE_DATA === '1') throw new Error(`recorded data is required and missing: ${CAPTURE}`)
  process.stderr.write(
    `\n*** recorded data is missing (${CAPTURE}): tests on it prove nothing here; set MM_SHARED ***\n`,
  )
  return false
}

/** A folder for one suite; call `remove` in afterAll. */
export function scratch(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'mm-recording-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The first `lines` lines of the shared capture, as text. */
export function captureHead(lines: number): string {
  const text = gunzipSync(readFileSync(CAPTURE)).toString()
  let end = -1
  for (let i = 0; i < lines; i++) end = text.indexOf('\n', end + 1)
  return text.slice(0, end + 1)
}

export const START_NS = 1_723_161_255_000_000_000n

/** Lines of [ms after the start, frame]. */
export function captureText(rows: readonly (readonly [number, unknown])[]): string {
  return rows.map(([ms, frame]) => `${START_NS + BigInt(Math.round(ms * 1e6))} ${JSON.stringify(frame)}\n`).join('')
}

export async function importText(text: string, file: string, options: Partial<ImportOptions> = {}): Promise<Recording> {
  writeFileSync(file, gzipSync(text))
  const out = `${file}.rec`
  await importCapture({ file, out, symbol: null, tickSize: null, lotSize: null, category: null, ...options })
  return readRecording(out)
}

const START_MS = Number(START_NS / 1_000_000n)

type Levels = readonly (readonly [string, string])[]

/** Frames of one USDⓈ-M symbol; `ms` is the matching time after the start. */
export const usdm = {
  delta: (ms: number, [U, u, pu]: readonly [number, number, number], b: Levels, a: Levels) => ({
    stream: 'xyzusdt@depth@0ms',
    data: { e: 'depthUpdate', E: START_MS + ms, T: START_MS + ms, s: 'XYZUSDT', U, u, pu, b, a },
  }),
  snapshot: (ms: number, id: number, bids: Levels, asks: Levels) => ({
    lastUpdateId: id,
    E: START_MS + ms,
    T: START_MS + ms,
    bids,
    asks,
  }),
  quote: (ms: number, u: number, [b, B]: readonly [string, string], [a, A]: readonly [string, string]) => ({
    stream: 'xyzusdt@bookTicker',
    data: { e: 'bookTicker', u, s: 'XYZUSDT', b, B, a, A, T: START_MS + ms, E: START_MS + ms },
  }),
  trade: (ms: number, t: number, p: string, q: string, m: boolean, X = 'MARKET') => ({
    stream: 'xyzusdt@trade',
    data: { e: 'trade', E: START_MS + ms, T: START_MS + ms, s: 'XYZUSDT', t, p, q, X, m },
  }),
}
