/**
 * @hot Values of several parts: `key = id:secret`, `prod:name|secret`, `"part=rest"`. The part that looks drawn at random is
 * bound to what the whole word is bound to. Every look back is bounded.
 */
import { BLANK, byteSet, CLASS, QUOTE, TOKEN } from './alphabet.ts'

/** Bytes of a word before its last part. */
export const HEAD_MAX = 120

/** Start of the word that ends in the part at [start, end); below zero when that part is the whole word. */
export function wordStart(buf: Uint8Array, [start, end]: readonly [number, number], from: number): number {
  const glue = buf[start - 1]
  if ((glue !== 0x3a && glue !== 0x7c && glue !== 0x3d) || (buf[start] === 0x2f && buf[start + 1] === 0x2f)) return -1
  const floor = Math.max(from, start - HEAD_MAX)
  let i = start - 1
  while (i > floor && (CLASS[buf[i - 1]!]! & TOKEN || IN_WORD[buf[i - 1]!] === 1) && buf[i - 1] !== 0x3d) i--
  const before = buf[i - 1] ?? 0
  // Between quotes an equals sign is a letter of base64url with padding, or of an alphabet somebody made up.
  if (glue === 0x3d) {
    while (i > floor && CLASS[buf[i - 1]!]! & TOKEN) i--
    const quote = buf[i - 1] ?? 0
    return i < start - 1 && (CLASS[quote]! & QUOTE) !== 0 && buf[end] === quote ? i : -1
  }
  const isApart = (CLASS[before]! & (QUOTE | BLANK)) !== 0 || before === 0x3d
  return isApart && start - 1 - i >= 3 ? i : -1
}

const IN_WORD: Uint8Array = byteSet(':|.@~')
