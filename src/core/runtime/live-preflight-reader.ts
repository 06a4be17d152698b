/**
 * Reads for the preflight: plain GETs, signed with the exchange's own time so that a wrong clock here is found and named
 * instead of making every answer fail. Never writes.
 */
import { fail } from '../errors.ts'
import { restHeaders, type Signer } from '../exchange/bybit/signing.ts'
import { type Wire, WireError } from '../exchange/wire.ts'

export type Row = Readonly<Record<string, unknown>>

export interface Reply {
  readonly code: number
  readonly message: string
  readonly result: Row
}

const TIMEOUT_MS = 10_000
const WINDOW_MS = 5_000
const SAMPLES = 5

export class LiveReader {
  private readonly wire: Wire
  private readonly signer: Signer | null
  private offsetMs = 0

  constructor(wire: Wire, signer: Signer | null) {
    this.wire = wire
    this.signer = signer
  }

  /** Exchange less local time, from the quickest of a few samples; the error is at most half its round trip. */
  async measureClock(): Promise<{ readonly offsetMs: number; readonly errorMs: number }> {
    let best = { offsetMs: 0, errorMs: Number.POSITIVE_INFINITY }
    for (let sample = 0; sample < SAMPLES; sample++) {
      const sentUs = this.wire.nowUs()
      const { result } = await this.open('/v5/market/time', {})
      const heardUs = this.wire.nowUs()
      const statedMs = Number(textAt(result, 'timeNano')) / 1e6
      const errorMs = (heardUs - sentUs) / 2_000
      if (errorMs < best.errorMs) best = { offsetMs: statedMs - (sentUs + heardUs) / 2_000, errorMs }
    }
    this.offsetMs = best.offsetMs
    return best
  }

  /** The exchange's time as measured. */
  exchangeMs(): number {
    return Math.floor(this.wire.nowUs() / 1_000 + this.offsetMs)
  }

  open(path: string, query: Readonly<Record<string, string>>): Promise<Reply> {
    return this.get(path, new URLSearchParams(query).toString(), {})
  }

  signed(path: string, query: Readonly<Record<string, string>>): Promise<Reply> {
    if (this.signer === null) throw new Error('no key was loaded')
    const payload = new URLSearchParams(query).toString()
    const request = { timestampMs: this.exchangeMs(), windowMs: WINDOW_MS, payload }
    return this.get(path, payload, restHeaders(this.signer, request))
  }

  private async get(path: string, query: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const target = query === '' ? path : `${path}?${query}`
    try {
      const { body } = await this.wire.http({ method: 'GET', target, headers, body: '', timeoutMs: TIMEOUT_MS })
      const { retCode, retMsg, result } = JSON.parse(body) as { retCode?: unknown; retMsg?: unknown; result?: unknown }
      if (typeof retCode !== 'number')
        return fail('EXCHANGE_UNREACHABLE', { what: `${path} answered in another shape` })
      return { code: retCode, message: String(retMsg), result: isRow(result) ? result : {} }
    } catch (error) {
      if (error instanceof WireError) return fail('EXCHANGE_UNREACHABLE', { what: `${path}: ${error.message}` }, error)
      if (error instanceof SyntaxError) return fail('EXCHANGE_UNREACHABLE', { what: `${path} answered no JSON` }, error)
      throw error
    }
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `list` of a result, as it is. */
export function listOf(result: Row): readonly unknown[] {
  const { list } = result
  return Array.isArray(list) ? list : []
}

export function rowsOf(result: Row): Row[] {
  return listOf(result).filter(isRow)
}

export function textAt(row: Row, name: string): string {
  const value = row[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** NaN and missing are 0: the exchange leaves fields out that do not apply. */
export function numberAt(row: Row, name: string): number {
  const value = Number(textAt(row, name))
  return Number.isFinite(value) ? value : 0
}
