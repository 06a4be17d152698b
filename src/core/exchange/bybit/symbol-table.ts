/**
 * @hot The symbols of this run as the codec needs them: found by the bytes of their name, with their grids as plain
 * numbers. Filled once, after the instruments are known.
 */
import type { Instrument } from '../../domain/instrument.ts'
import { type SymbolId, symbolId } from '../../domain/units.ts'

export interface SymbolEntry {
  readonly id: SymbolId
  readonly name: string
  readonly bytes: Uint8Array
  readonly instrument: Instrument
  readonly priceDecimals: number
  readonly priceStepUnits: number
  readonly sizeDecimals: number
  readonly sizeStepUnits: number
}

export class SymbolTable {
  readonly entries: readonly SymbolEntry[]
  private readonly byHash = new Map<number, SymbolEntry>()
  private readonly byName = new Map<string, SymbolEntry>()

  constructor(instruments: readonly Instrument[]) {
    const entries: SymbolEntry[] = []
    for (const instrument of instruments) {
      const entry = entryOf(instrument, symbolId(entries.length))
      entries.push(entry)
      this.byName.set(entry.name, entry)
      const hash = hashOf(entry.bytes, 0, entry.bytes.length)
      // Two names of one hash: the second is found by the slow path only.
      if (!this.byHash.has(hash)) this.byHash.set(hash, entry)
    }
    this.entries = entries
  }

  named(name: string): SymbolEntry | undefined {
    return this.byName.get(name)
  }

  at(id: SymbolId): SymbolEntry {
    const entry = this.entries[id]
    if (entry === undefined) throw new RangeError(`no symbol ${id}`)
    return entry
  }

  /** The symbol spelled by bytes[from, to), undefined when it is none of ours. */
  spelled(bytes: Uint8Array, from: number, to: number): SymbolEntry | undefined {
    const entry = this.byHash.get(hashOf(bytes, from, to))
    return entry !== undefined && isSpelled(entry.bytes, bytes, from, to) ? entry : undefined
  }
}

function entryOf(instrument: Instrument, id: SymbolId): SymbolEntry {
  return {
    id,
    name: instrument.symbol,
    bytes: Uint8Array.from(Buffer.from(instrument.symbol, 'latin1')),
    instrument,
    priceDecimals: instrument.price.decimals,
    priceStepUnits: instrument.price.stepUnits,
    sizeDecimals: instrument.size.decimals,
    sizeStepUnits: instrument.size.stepUnits,
  }
}

export function isSpelled(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== name.length || to > bytes.length) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false
  return true
}

// FNV-1a. Callers keep from ≤ to ≤ bytes.length.
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash | 0
}
