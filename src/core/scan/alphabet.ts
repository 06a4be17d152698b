/**
 * @hot One byte table for the whole scanner: which class a byte belongs to. Every loop over file bytes asks this table
 * and nothing else, so that a change of the token alphabet happens in one place.
 */

export const DIGIT = 1
export const LOWER = 2
export const UPPER = 4
/** `+ / = _ -`: the rest of the token alphabet. */
export const MARK = 8
/** Space and tab. */
export const BLANK = 16
/** Line ends. */
export const EOL = 32
/** Double quote, single quote, backtick. */
export const QUOTE = 64
/** `0-9a-fA-F` */
export const HEX = 128

export const ALNUM = DIGIT | LOWER | UPPER
export const TOKEN = ALNUM | MARK

/** Class bits of each byte value. */
export const CLASS: Uint8Array = classes()

/** The 28-letter code of each byte for the bigram table: 0-25 letters (case folded), 26 digit, 27 anything else. */
export const SYMBOL: Uint8Array = symbols()

function classes(): Uint8Array {
  const table = new Uint8Array(256)
  for (let digit = 0x30; digit <= 0x39; digit++) table[digit] = DIGIT | HEX
  for (let letter = 0; letter < 26; letter++) {
    const hex = letter < 6 ? HEX : 0
    table[0x61 + letter] = LOWER | hex
    table[0x41 + letter] = UPPER | hex
  }
  mark(table, '+/=_-', MARK)
  mark(table, ' \t', BLANK)
  mark(table, '\n\r', EOL)
  mark(table, '"\'`', QUOTE)
  return table
}

function mark(table: Uint8Array, chars: string, kind: number): void {
  for (const char of chars) table[char.charCodeAt(0)] = kind
}

function symbols(): Uint8Array {
  const table = new Uint8Array(256).fill(27)
  for (let letter = 0; letter < 26; letter++) {
    table[0x41 + letter] = letter
    table[0x61 + letter] = letter
  }
  for (let digit = 0; digit < 10; digit++) table[0x30 + digit] = 26
  return table
}

/** 1 for each byte of `chars`: a set that is asked by index. */
export function byteSet(chars: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const char of chars) table[char.charCodeAt(0)] = 1
  return table
}

/** True for a letter or digit. */
export function isAlnum(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & ALNUM) !== 0
}

/** Value of a byte of class HEX. */
export function hexValue(byte: number): number {
  return (byte & 15) + (byte > 0x39 ? 9 : 0)
}

/** True for what may stand inside an identifier: letters, digits, `_`, `$`. */
export function isIdent(byte: number | undefined): boolean {
  return byte !== undefined && ((CLASS[byte]! & ALNUM) !== 0 || byte === 0x5f || byte === 0x24)
}
