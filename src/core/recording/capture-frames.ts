/**
 * One line of a capture in hftbacktest's style: local receive time in nanoseconds, a space, the frame as received. Finds
 * the venue by the shape of the frame. Every line ends as frames, as a named skip, or as an error that names the line.
 */
import { fail } from '../errors.ts'
import { decodeBinance } from './binance-frames.ts'
import { decodeBybit } from './bybit-frames.ts'
import type { LineAt } from './capture-lines.ts'
import { type Category, type Frame, FrameError, isJson, type Json } from './frame.ts'

export type Venue = 'binance' | 'bybit'

export interface CaptureLine {
  readonly localNs: bigint
  readonly venue: Venue | null
  readonly frames: readonly Frame[]
  /** Why there are no frames; '' when there are. */
  readonly skip: string
  readonly category: Category | null
}

const DECODERS = [
  ['bybit', decodeBybit],
  ['binance', decodeBinance],
] as const

const BLANK: CaptureLine = { localNs: 0n, venue: null, frames: [], skip: 'blank line', category: null }

export function decodeLine(text: string, at: LineAt): CaptureLine {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  if (line.trim() === '') return BLANK
  const stamp = /^(\d{18,19}) /.exec(line)?.[1]
  if (stamp === undefined) refuse(at, 'does not start with a local time in nanoseconds and a space')
  const localNs = BigInt(stamp)
  const frame = parsed(line.slice(stamp.length + 1), at)
  try {
    for (const [venue, decode] of DECODERS) {
      const decoded = decode(frame)
      if (decoded === null) continue
      if ('skip' in decoded) return { localNs, venue, frames: [], skip: decoded.skip, category: null }
      return { localNs, venue, frames: decoded.frames, skip: '', category: decoded.category }
    }
  } catch (error) {
    if (error instanceof FrameError) refuse(at, `the frame does not fit: ${error.message}`, error)
    throw error
  }
  return refuse(at, 'the frame is of no known format (Binance and Bybit V5 streams are read)')
}

function parsed(json: string, at: LineAt): Json {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    refuse(at, 'the frame is not JSON', error)
  }
  return isJson(value) ? value : refuse(at, 'the frame is no JSON object')
}

export function refuse(at: LineAt, what: string, cause?: unknown): never {
  fail('IMPORT_LINE', { ...at, what }, cause)
}
