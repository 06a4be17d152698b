/**
 * The finders of finder.ts in WebAssembly (simd.wat), for scans with much to read. They work on bytes inside their own memory:
 * a window lives there. What they leave out the engine would have refused; what they let through it judges as ever.
 */
import { Found } from './finder.ts'
import { SIMD_CODE } from './simd-code.ts'
import { READY } from './simd-ready.ts'
import { AT, FOUND_WORDS, PAGES, simdTables, upperTables, WINDOW_MAX } from './simd-tables.ts'
import type { RuleSet } from './rule-set.ts'

interface Finders {
  readonly runs: (from: number, end: number, isBinary: number) => number
  readonly stems: (from: number, end: number, isConfig: number) => number
  readonly spans: (from: number, end: number) => number
  readonly lines: (from: number, end: number) => number
  readonly zero: (from: number, end: number) => number
  readonly needles: (floor: number, from: number, end: number) => number
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
  readonly upperTables: Uint8Array
}

/** For the built-in rules. Nothing where this machine or this process has no WebAssembly vectors: the plain finders find the same. */
export function simdParts(rules: RuleSet): SimdParts | undefined {
  const code = Buffer.from(SIMD_CODE, 'base64')
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return undefined
  return { module: new WebAssembly.Module(code), ...tablesOf(rules) }
}

function tablesOf(rules: RuleSet): Omit<SimdParts, 'module'> {
  if (READY === undefined) return { tables: simdTables(rules), upperTables: upperTables(rules) }
  return { tables: Buffer.from(READY.lower, 'base64'), upperTables: Buffer.from(READY.upper, 'base64') }
}

export class Simd {
  /** The bytes the finders see. */
  readonly window: Buffer
  /** What the last call found; `next` is where to go on. */
  readonly found: Found
  readonly parts: SimdParts
  private readonly finders: Finders
  private readonly words: Int32Array

  /** `size` is that of the window. */
  constructor(parts: SimdParts, size: number = WINDOW_MAX) {
    this.parts = parts
    const { module, tables, upperTables: upper } = parts
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
    const bytes = new Uint8Array(memory.buffer)
    bytes.set(tables)
    bytes.set(upper, AT.second)
    this.words = new Int32Array(memory.buffer)
    this.window = Buffer.from(memory.buffer, AT.window, size)
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

  /** Offset and number of every needle of a detector: they are counted as they stand in the rules, without empty ones. */
  needles(floor: number, from: number, end: number): void {
    this.done(this.finders.needles(floor + AT.window, from + AT.window, end + AT.window))
  }

  /** Offset of the first NUL of the window before `stop`, below zero when there is none. */
  readonly firstZero = (_: Uint8Array, stop: number): number => {
    const at = this.finders.zero(AT.window, stop + AT.window)
    return at < 0 ? at : at - AT.window
  }

  /** Line feeds of the window in [from, end), and the offset of the last one, below zero when there is none. */
  lines(from: number, end: number): { count: number; last: number } {
    const count = this.finders.lines(from + AT.window, end + AT.window)
    return { count, last: count === 0 ? -1 : (this.words[AT.next >> 2] ?? 0) - AT.window }
  }

  private done(count: number): void {
    this.found.count = count
    this.found.next = (this.words[AT.next >> 2] ?? 0) - AT.window
  }
}
