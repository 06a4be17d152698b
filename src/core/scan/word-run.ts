/**
 * Which words of a run belong together. A phrase is set the same way throughout: its gaps are alike, or there are two kinds,
 * one inside a line and one at line ends. A gap of another kind is where a heading or a sentence begins.
 */

export interface Word {
  /** Place in the word list. */
  readonly index: number
  readonly text: string
  readonly start: number
  readonly end: number
  /** The bytes between the word before and this one. */
  readonly gap: string
}

/** Whether indexes, in their order, are a phrase. */
export type IsPhrase = (indexes: readonly number[]) => boolean

export interface Extent {
  readonly start: number
  readonly end: number
}

const WORDS_MIN = 12
const WORDS_MAX = 24

/** The phrases in a run of list words. */
export function phrasesOf(run: readonly Word[], isPhrase: IsPhrase): Extent[] {
  if (run.length < WORDS_MIN) return []
  const known = new Map<string, string>()
  const kinds = run.map(({ gap }) => known.get(gap) ?? remembered(known, gap))
  const taken = new Uint8Array(run.length)
  const out: Extent[] = []
  let tried = 0
  const tryOne = ({ from, to }: Stretch) => {
    if ((to - from) % 3 !== 0 || to - from < WORDS_MIN || to - from > WORDS_MAX) return
    if (taken.subarray(from, to).includes(1)) return
    tried++
    const words = run.slice(from, to)
    if (isSorted(words) || !isPhrase(inOrder(words))) return
    taken.fill(1, from, to)
    out.push({ start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0 })
  }
  for (const stretch of stretches(kinds, false)) for (const one of withoutLabels(run, stretch)) tryOne(one)
  for (const stretch of stretches(kinds, true)) for (const one of withoutLines(kinds, stretch)) tryOne(one)
  // One row of twelve in sixteen of any list has a checksum that fits.
  return tried >= LIST_ROWS && out.length * 4 < tried ? [] : out
}

/** From so many rows on, most of which are no phrases, it is a list. */
const LIST_ROWS = 16

/** Words [from, to). */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** In the order of the list: a piece of the list. */
function isSorted(words: readonly Word[]): boolean {
  return words.every(({ index }, i) => i === 0 || index > (words[i - 1]?.index ?? 0))
}

/** Words that stand before a phrase and are in the list themselves. */
const LABELS: ReadonlySet<string> = new Set(['seed', 'phrase', 'wallet', 'secret', 'key', 'word'])

/** A stretch, and the same without one or two labels before it. */
function* withoutLabels(run: readonly Word[], { from, to }: Stretch): Generator<Stretch> {
  yield { from, to }
  for (let k = 0; k < 2 && LABELS.has(run[from + k]?.text ?? ''); k++) yield { from: from + k + 1, to }
}

/** Longest stretches whose gaps are of one kind, or of one kind within lines and one between them. */
function* stretches(kinds: readonly string[], overLines: boolean): Generator<Stretch> {
  let from = 0
  let inner: string | undefined
  let outer: string | undefined
  let line = 0
  for (let i = 1; i <= kinds.length; i++) {
    const kind = kinds[i]
    const isOuter = overLines && kind?.includes('\n') === true
    const known = isOuter ? outer : inner
    if (kind === undefined || (known !== undefined && known !== kind)) {
      yield { from, to: i }
      // The last word, or line, may be the first of the next stretch: what differs is the gap behind it.
      from = isOuter ? line : i - 1
      if (from === i - 1) inner = undefined
      if (!isOuter) outer = undefined
    }
    if (isOuter) {
      outer = kind
      line = i
    } else inner = kind
  }
}

/** A stretch over lines, and the same without its first line, its last, or both. */
function* withoutLines(kinds: readonly string[], { from, to }: Stretch): Generator<Stretch> {
  yield { from, to }
  let first = from + 1
  while (first < to && kinds[first]?.includes('\n') !== true) first++
  if (first === to) return
  let last = to - 1
  while (kinds[last]?.includes('\n') !== true) last--
  yield { from: first, to }
  yield { from, to: last }
  yield { from: first, to: last }
}

/** In a list of words few gaps differ. */
function remembered(known: Map<string, string>, gap: string): string {
  const kind = kindOf(gap)
  known.set(gap, kind)
  return kind
}

/** A gap without what differs from word to word: numbers, indentation, escapes. */
function kindOf(gap: string): string {
  return gap
    .replace(/\\+[nr]/g, '\n')
    .replace(/\\+t/g, ' ')
    .replaceAll('\\', '')
    .replace(/\d+/g, '0')
    .replace(/\s*\n\s*/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
}

/** Numbered words in the order of their numbers: two columns of a sheet are read line by line here. */
function inOrder(words: readonly Word[]): number[] {
  const plain = words.map(({ index }) => index)
  const numbers = words.map(({ gap }, i) => (i === 0 ? 0 : Number(/\d+(?=\D*$)/.exec(gap)?.[0] ?? 0)))
  const left = new Set(words.map((_, i) => i + 1))
  for (const number of numbers.slice(1)) if (!left.delete(number)) return plain
  const [first = 0] = left
  const places = [first, ...numbers.slice(1)]
  const out = [...plain]
  for (const [i, place] of places.entries()) out[place - 1] = plain[i] ?? 0
  return out
}
