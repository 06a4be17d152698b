/**
 * Keeps secrets out of whatever is written for people: every known secret is replaced in the spellings in which it tends
 * to travel, and text from outside loses what could steer a terminal. Works on finished text, so nothing slips past.
 */
import type { Secret } from '../domain/secret.ts'

const REPLACEMENT = '[secret]'
/** Shorter texts would blank out ordinary words. */
const LENGTH_MIN = 8
// C1, bidi and zero-width characters, line separators: JSON text leaves them as they are.
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

export class Redactor {
  private readonly forms = new Set<string>()
  private pattern: RegExp | null = null

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

  /** `text` without secrets. */
  clean(text: string): string {
    return this.pattern === null ? text : text.replace(this.pattern, REPLACEMENT)
  }

  /** One line of JSON without secrets and without characters that steer a terminal; still valid JSON. */
  cleanJson(line: string): string {
    return this.clean(line).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
