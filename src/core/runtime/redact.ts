/**
 * Keeps secrets out of whatever is written for people: every known secret is replaced in the spellings in which it tends
 * to travel, values that the scanner's rules recognise are replaced although nobody named them, and text from outside loses
 * what could steer a terminal. Works on finished text, so nothing slips past.
 */
import type { Secret } from '../domain/secret.ts'
import type { Matcher } from '../scan/match.ts'

const REPLACEMENT = '[secret]'
/** Shorter texts would blank out ordinary words. */
const LENGTH_MIN = 8
// C1, bidi and zero-width characters, line separators: JSON text leaves them as they are.
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

export class Redactor {
  private readonly forms = new Set<string>()
  private pattern: RegExp | null = null
  private matcher: Matcher | null = null

  /** From now on `secret` is replaced: as it is, in base64, base64url, hex and URL encoding, and JSON-escaped. */
  add(secret: Secret): void {
    const value = secret.reveal()
    if (value.length < LENGTH_MIN) return
    const bytes = Buffer.from(value)
    for (const form of [
      value,
      bytes.toString('base64'),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
    ]) {
      this.forms.add(form)
    }
    // Longest first, so that no shorter form leaves the rest of a longer one behind.
    const sorted = [...this.forms].sort((a, b) => b.length - a.length)
    this.pattern = new RegExp(sorted.map(escaped).join('|'), 'g')
  }

  /** From now on whatever `matcher` recognises is replaced, too. */
  recognise(matcher: Matcher): void {
    this.matcher = matcher
  }

  /** `text` without secrets: the known ones by value, then whatever looks like one. */
  clean(text: string): string {
    const known = this.pattern === null ? text : text.replace(this.pattern, REPLACEMENT)
    return this.matcher === null ? known : this.matcher.redact(known)
  }

  /** One line of JSON without secrets and without characters that steer a terminal; still valid JSON. */
  cleanJson(line: string): string {
    const clean = this.clean(line)
    // A value may end inside an escape; a line that is no JSON any more says less than one that says why.
    const sound = clean === line || isJson(clean) ? clean : WITHHELD
    return sound.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }
}

const WITHHELD = `${JSON.stringify({ level: 'warn', msg: 'a line of the log was withheld: it held a secret' })}\n`

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
