/**
 * @hot One pass over a text: which finder looks for what, and to whom each place it finds is handed. The finders of simd.ts
 * search the bytes in their own window, the plain ones all others; whoever reads the results sees no difference.
 */
import { ConfigPaths } from './file-kind.ts'
import { Found, findRuns, findStems } from './finder.ts'
import { DUMP_NEEDLE } from './hex-dump.ts'
import { findPhrases } from './phrase-finder.ts'
import type { Place, Rule, Tier } from './rule.ts'
import type { RuleSet } from './rule-set.ts'
import { mnemonicHits } from './seed-phrase.ts'
import type { Simd } from './simd.ts'

/** The bytes `buf[from, end)` of a pass. */
export interface Text {
  readonly buf: Buffer
  readonly from: number
  readonly end: number
  readonly path: string
  /** Binary: only tokens with strong beginnings and private keys. */
  readonly isBinary: boolean
  /** How often it was decoded; 0 for what was read. */
  readonly depth: number
}

/** Takes what is found. It may start a pass over other bytes before it returns. */
export interface Finds {
  /** A run of token bytes and the classes of byte in it. */
  run: (start: number, stop: number, seen: number) => void
  /** The same where no token can begin and the bytes look drawn at random. */
  value: (start: number, stop: number) => void
  /** A name that may have a short value. */
  stem: (at: number) => void
  /** A place where rows of a dump may begin. */
  dump: (at: number) => void
  add: (rule: string, tier: Tier, start: number, end: number, reason: string) => void
  /** What will be said hangs on bytes far away: on all of [start, end). */
  isFar: (start: number, end: number) => void
}

/** One instance serves every text of an engine. */
export class Search {
  /** Rules that look at the beginning of a text, and those of a needle by its number. */
  private readonly beginnings: Rule[] = []
  private readonly needled: Rule[] = []
  private readonly needles: string[] = []
  private readonly simd: Simd | undefined
  private readonly finds: Finds
  private readonly runs: Found
  private readonly stems: Found
  private readonly spans: Found
  /** Lists for decoded text, by depth and size. */
  private readonly inner = new Map<number, Found>()
  private readonly paths = new ConfigPaths()

  constructor(rules: RuleSet, simd: Simd | undefined, finds: Finds) {
    this.simd = simd
    this.finds = finds
    this.runs = new Found(simd === undefined ? 12_288 : 1536)
    this.stems = new Found(simd === undefined ? 4096 : 512)
    this.spans = new Found(512)
    for (const { rule, needle } of rules.detectors) {
      if (needle === '') {
        this.beginnings.push(rule)
        continue
      }
      this.needled.push(rule)
      this.needles.push(needle)
    }
    this.needles.push(DUMP_NEEDLE)
  }

  /** Hands on everything the finders and the needles find in `text`. */
  pass(text: Text): void {
    this.allRuns(text)
    if (!text.isBinary) {
      this.allStems(text)
      this.allPhrases(text)
    }
    this.detectors(text)
  }

  private allRuns(text: Text): void {
    const { simd, finds } = this
    const { buf, from, end, isBinary } = text
    const found = this.list(text, this.runs, 1536)
    found.next = from
    while (found.next < end) {
      if (simd !== undefined && found === simd.found) simd.runs(found.next, end, isBinary)
      else findRuns(buf, found.next, end, found)
      for (let k = 0; k < found.count; k += 3) {
        const seen = found.at[k + 2]!
        // Below zero: no token can begin here, and the value has passed the tests below already.
        if (seen < 0) finds.value(~seen, found.at[k + 1]!)
        else finds.run(found.at[k]!, found.at[k + 1]!, seen)
      }
    }
  }

  private allStems(text: Text): void {
    const { simd } = this
    const { buf, from, end, path } = text
    const found = this.list(text, this.stems, 512)
    found.next = from
    while (found.next < end) {
      if (simd !== undefined && found === simd.found) simd.stems(found.next, end, this.paths.isConfig(path))
      else findStems(buf, found.next, end, found)
      for (let k = 0; k < found.count; k++) this.finds.stem(found.at[k]!)
    }
  }

  private allPhrases(text: Text): void {
    const { simd } = this
    const { buf, from, end } = text
    const found = this.list(text, this.spans, 64)
    found.next = from
    while (found.next < end) {
      if (simd !== undefined && found === simd.found) simd.spans(found.next, end)
      else findPhrases(buf, found.next, end, found)
      for (let k = 0; k < found.count; k += 2) {
        // A run of words has its say as a whole.
        this.finds.isFar(found.at[k]!, found.at[k + 1]!)
        for (const phrase of mnemonicHits(buf, found.at[k]!, found.at[k + 1]!)) {
          this.finds.add(
            'bip39-seed-phrase',
            'confirmed',
            phrase.start,
            phrase.end,
            'word list, length and checksum fit',
          )
        }
      }
    }
  }

  /** Where the finders put what they find in these bytes. Decoded text is scanned while the outer list is still in use. */
  private list({ buf, depth }: Text, outer: Found, inner: number): Found {
    if (depth > 0) {
      const key = depth * 65_536 + inner
      let own = this.inner.get(key)
      if (own === undefined) this.inner.set(key, (own = new Found(inner)))
      return own
    }
    return this.simd !== undefined && buf === this.simd.window ? this.simd.found : outer
  }

  private detectors(text: Text): void {
    const { simd, beginnings, needled } = this
    for (let n = 0; n < beginnings.length; n++) {
      if (!text.isBinary || beginnings[n]!.detect?.inBinary === true) this.atBeginning(beginnings[n]!, text)
    }
    const bySimd = simd !== undefined && text.depth === 0 && text.buf === simd.window
    const found = bySimd ? needlesBySimd(simd, text) : needlesOf(this.needles, text)
    for (let k = 0; k < found.length; k += 2) {
      const rule = needled[found[k + 1]!]
      if (rule !== undefined && (!text.isBinary || rule.detect?.inBinary === true)) this.detect(rule, found[k]!, text)
    }
    if (text.isBinary) return
    // Its needle is the one after those of the detectors.
    for (let k = 0; k < found.length; k += 2) if (found[k + 1] === needled.length) this.finds.dump(found[k]!)
  }

  private detect(rule: Rule, at: number, text: Text): void {
    const ahead = rule.detect?.ahead ?? 0
    if (ahead > 0) this.finds.isFar(at, at + ahead)
    rule.detect?.at(this.place(rule, at, text))
  }

  private atBeginning(rule: Rule, text: Text): void {
    const begins = rule.detect?.begins
    if (begins === undefined || text.buf[text.from] === begins.charCodeAt(0)) this.detect(rule, text.from, text)
  }

  private place(rule: Rule, at: number, { buf, from, end, path }: Text): Place {
    return {
      buf,
      at,
      from,
      end,
      path,
      hit: ({ tier, start, end: stop, reason }) => this.finds.add(rule.id, tier, start, stop, reason),
    }
  }
}

/** Offset and number of each needle, as `needlesBySimd` gives them. */
function needlesOf(needles: readonly string[], { buf, from, end }: Text): readonly number[] {
  const out: number[] = []
  const view = end === buf.length ? buf : buf.subarray(0, end)
  for (let n = 0; n < needles.length; n++) {
    const needle = needles[n]!
    const what = needle.length === 1 ? needle.charCodeAt(0) : needle
    let at = view.indexOf(what, from, 'latin1')
    while (at >= 0) {
      out.push(at, n)
      at = view.indexOf(what, at + needle.length, 'latin1')
    }
  }
  return out
}

/** Offset and number of each needle. Most texts have none. */
function needlesBySimd(simd: Simd, { from, end }: Text): readonly number[] {
  const { found } = simd
  const out: number[] = []
  found.next = from
  while (found.next < end) {
    simd.needles(from, found.next, end)
    for (let k = 0; k < found.count; k++) out.push(found.at[k]!)
  }
  return out
}
