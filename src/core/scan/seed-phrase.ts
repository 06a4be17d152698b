/**
 * Seed phrases (BIP-39): exactly 12, 15, 18, 21 or 24 words of the list, nearly all different, and the checksum fits.
 * All three are needed: one random run of twelve list words in sixteen passes the checksum alone. How the words are set does
 * not matter, as long as it is the same from the first to the last: `1. word`, `- word`, `"word",`, cells, wrapped lines.
 */
import { BIP39_WORDS } from './bip39-words.ts'
import { sha256 } from './lazy-crypto.ts'
import { nextWord, wordEnd } from './phrase-finder.ts'
import { phrasesOf, type Word } from './word-run.ts'

let indexOf: ReadonlyMap<string, number> | undefined

/** Phrases inside a run that `findPhrases` found. */
export function mnemonicHits(buf: Buffer, start: number, end: number): { start: number; end: number }[] {
  indexOf ??= new Map(BIP39_WORDS.split(' ').map((word, index) => [word, index]))
  const out: { start: number; end: number }[] = []
  let run: Word[] = []
  const flush = () => {
    for (const found of phrasesOf(run, isMnemonic)) out.push(found)
    run = []
  }
  let before = start
  for (let at = start; at >= 0; at = nextWord(buf, before, end)) {
    const stop = wordEnd(buf, at, end)
    const text = buf.toString('latin1', at, stop).toLowerCase()
    const index = indexOf.get(text)
    const gap = run.length === 0 ? '' : buf.toString('latin1', before, at)
    if (index === undefined) flush()
    else run.push({ index, text, start: at, end: stop, gap })
    before = stop
  }
  flush()
  return out
}

const COUNTS: ReadonlySet<number> = new Set([12, 15, 18, 21, 24])

/** `indexes` of words in list order. */
export function isMnemonic(indexes: readonly number[]): boolean {
  if (!COUNTS.has(indexes.length) || new Set(indexes).size < indexes.length - 2) return false
  let bits = ''
  for (const index of indexes) bits += index.toString(2).padStart(11, '0')
  const checksumBits = indexes.length / 3
  const entropy = bits.slice(0, -checksumBits)
  const bytes = Uint8Array.from({ length: entropy.length / 8 }, (_, i) =>
    Number.parseInt(entropy.slice(8 * i, 8 * i + 8), 2),
  )
  const hash = sha256().update(bytes).digest()
  return (hash[0] ?? 0).toString(2).padStart(8, '0').slice(0, checksumBits) === bits.slice(-checksumBits)
}

/** The phrase of `entropy` (16, 20, 24, 28 or 32 bytes). */
export function mnemonicOf(entropy: Uint8Array): string {
  const words = BIP39_WORDS.split(' ')
  let bits = ''
  for (const byte of entropy) bits += byte.toString(2).padStart(8, '0')
  const hash = sha256().update(entropy).digest()
  bits += (hash[0] ?? 0)
    .toString(2)
    .padStart(8, '0')
    .slice(0, entropy.length / 4)
  return (bits.match(/.{11}/g) ?? []).map((eleven) => words[Number.parseInt(eleven, 2)] ?? '').join(' ')
}
