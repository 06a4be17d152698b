/**
 * @hot Lines in which a blank is the operator: `ENV NAME v`, `#define NAME "v"`, `set -x NAME v`, `setx NAME v`. Only the word
 * before a name says so; prose has blanks between words, too. Reads at most `REACH` bytes.
 */
import { BLANK, CLASS, isIdent } from './alphabet.ts'

const REACH = 24
const WORDS: readonly string[] = ['env', 'arg', 'define', 'set', 'setx', 'setenv', 'export', 'declare']

/** True when the name that starts at `nameStart` stands behind a word that defines names. */
export function isDefined(buf: Uint8Array, nameStart: number): boolean {
  const floor = Math.max(0, nameStart - REACH)
  let i = nameStart - 1
  if (i < floor || !(CLASS[buf[i]!]! & BLANK)) return false
  i = blanksBefore(buf, i, floor)
  // `-x`, `-gx`
  let k = i
  while (k >= floor && isIdent(buf[k])) k--
  if (k >= floor && buf[k] === 0x2d && i - k <= 3) i = blanksBefore(buf, k - 1, floor)
  for (let n = 0; n < WORDS.length; n++) if (endsIn(buf, i, WORDS[n]!)) return true
  return false
}

function blanksBefore(buf: Uint8Array, from: number, floor: number): number {
  let i = from
  while (i >= floor && CLASS[buf[i]!]! & BLANK) i--
  return i
}

function endsIn(buf: Uint8Array, last: number, word: string): boolean {
  const start = last - word.length + 1
  if (start < 0 || isIdent(buf[start - 1])) return false
  for (let k = 0; k < word.length; k++) if ((buf[start + k]! | 0x20) !== word.charCodeAt(k)) return false
  return true
}
