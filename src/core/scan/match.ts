/**
 * The scanner's engine for everybody else: which parts of a text are secrets, and the text without them. The rules are
 * loaded when somebody first asks, so importing this file costs nothing. It keeps no text and writes nothing anywhere.
 */
import type { Engine } from './engine.ts'
import type { Tier } from './rule.ts'

/** A part of a text that a rule recognises: characters of a string, bytes of bytes. */
export interface Span {
  readonly rule: string
  readonly tier: Tier
  readonly start: number
  /** One past the last. */
  readonly end: number
}

let loaded: Promise<Matcher> | undefined

/** The matcher over the built-in rules, made once. */
export function loadMatcher(): Promise<Matcher> {
  loaded ??= Promise.all([import('./engine.ts'), import('./rule-set.ts')]).then(
    async ([{ Engine }, { builtInRules }]) => new Matcher(new Engine(await builtInRules())),
  )
  return loaded
}

/** Bytes of a text that is looked at without a buffer of its own: a line of a log, a value. */
const SHORT = 16_384

export class Matcher {
  private readonly engine: Engine
  private readonly short: Buffer = Buffer.allocUnsafeSlow(SHORT)

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** Every part of `text` that a rule recognises, at any tier, in order. */
  find(text: string | Uint8Array): Span[] {
    const isText = typeof text === 'string'
    const { buf, length } = isText ? this.bytesOf(text) : { buf: viewOf(text), length: text.length }
    const hits = this.engine.scan({ buf, from: 0, end: length, path: '', isBinary: false })
    if (hits.length === 0) return NOTHING
    // Bytes are characters unless the text has more than ASCII.
    const place = isText && length !== text.length ? (at: number) => buf.toString('utf8', 0, at).length : same
    return hits
      .map(({ rule, tier, start, end }) => ({ rule, tier, start: place(start), end: place(end) }))
      .sort((a, b) => a.start - b.start)
  }

  /** `text` with `[secret]` for every part that would fail a scan (confirmed or likely). The same string when there is none. */
  redact(text: string): string {
    const spans = this.find(text)
    if (spans.length === 0) return text
    let out = ''
    let done = 0
    for (const { tier, start, end } of spans) {
      if (tier === 'review' || end <= done) continue
      if (start >= done) out += `${text.slice(done, start)}${REPLACEMENT}`
      done = end
    }
    return out + text.slice(done)
  }

  private bytesOf(text: string): { buf: Buffer; length: number } {
    // A character is at most three bytes of UTF-8.
    if (text.length * 3 <= SHORT) return { buf: this.short, length: this.short.write(text, 0, 'utf8') }
    const buf = Buffer.from(text, 'utf8')
    return { buf, length: buf.length }
  }
}

export const REPLACEMENT = '[secret]'
const NOTHING: Span[] = []

function same(at: number): number {
  return at
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
