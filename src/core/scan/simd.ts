/**
 * The finders of finder.ts in WebAssembly (simd.wat), for scans with much to read. They work on bytes inside their own memory:
 * a window lives there. What they leave out the engine would have refused; what they let through it judges as ever.
 */
import { invariant } from '../domain/invariant.ts'
import { Found } from './finder.ts'
import { SIMD_CODE } from './simd-code.ts'
import { AT, FOUND_WORDS, PAGES, secondTable, simdTables, WINDOW_MAX } from './simd-tables.ts'
import type { RuleSet } from './rule-set.ts'

interface Finders {
  readonly runs: (from: number, end: number, isBinary: number) => number
  readonly stems: (from: number, end: number, isConfig: number) => number
  readonly spans: (from: number, end: number) => number
  readonly needles: (from: number, end: number, slot: number, length: number, behind: number) => number
}

declare const WebAssembly: {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Finders }
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** Code and tables: made once, handed to every thread. */
export interface SimdParts {
  readonly module: object
  readonly tables: Uint8Array
}

/** Nothing where this machine or this process has no WebAssembly vectors: the plain finders find the same. */
export function simdParts(rules: RuleSet): SimdParts | undefined {
  const code = Buffer.from(SIMD_CODE, 'base64')
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return undefined
  return { module: new WebAssembly.Module(code), tables: simdTables(rules) }
}

export class Simd {
  /** The bytes the finders see. */
  readonly window: Buffer
  /** What the last call found; `next` is where to go on. */
  readonly found: Found
  readonly parts: SimdParts
  private readonly finders: Finders
  private readonly memory: Uint8Array<ArrayBuffer>
  private readonly words: Int32Array
  private readonly known: string[] = []

  /** `bytes` is the size of the window. */
  constructor(parts: SimdParts, bytes: number = WINDOW_MAX) {
    this.parts = parts
    const { module, tables } = parts
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
    this.memory = new Uint8Array(memory.buffer)
    this.memory.set(tables)
    this.memory.set(secondTable(), AT.second)
    this.words = new Int32Array(memory.buffer)
    this.window = Buffer.from(memory.buffer, AT.window, bytes)
    this.found = new Found(FOUND_WORDS, new Int32Array(memory.buffer, AT.found, FOUND_WORDS))
    this.finders = new WebAssembly.Instance(module, { scan: { memory } }).exports
  }

  /** Runs that may hold a token or a value: start, end, and all class bits or the complement of where the value begins. */
  runs(from: number, end: number, isBinary: boolean): void {
    this.done(this.finders.runs(from + AT.window, end + AT.window, Number(isBinary)))
  }

  /** Offsets of stems that may be followed by a value; in program code a bare one needs a digit. */
  stems(from: number, end: number, isConfig: boolean): void {
    this.done(this.finders.stems(from + AT.window, end + AT.window, Number(isConfig)))
  }

  /** Start and end of spans that may hold a seed phrase. */
  spans(from: number, end: number): void {
    this.done(this.finders.spans(from + AT.window, end + AT.window))
  }

  /** Offsets of `needle` (at most 16 bytes), where `behind` (at most 8) stands in the word before it. */
  needles(from: number, end: number, needle: string, behind: string): void {
    let slot = this.known.indexOf(needle)
    if (slot < 0) slot = this.addNeedle(needle, behind)
    this.done(this.finders.needles(from + AT.window, end + AT.window, slot, needle.length, behind.length))
  }

  private addNeedle(needle: string, behind: string): number {
    const slot = this.known.push(needle) - 1
    invariant(slot < 32 && needle.length <= 16 && behind.length <= 8, `no room for the needle '${needle}'`)
    Buffer.from(this.memory.buffer).write(needle, AT.needle + 16 * slot, 'latin1')
    Buffer.from(this.memory.buffer).write(behind, AT.behind + 8 * slot, 'latin1')
    return slot
  }

  private done(count: number): void {
    this.found.count = count
    this.found.next = (this.words[AT.next >> 2] ?? 0) - AT.window
  }
}
