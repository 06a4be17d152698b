/**
 * Text that came from outside (exchange strings, file names, configuration) made safe for a terminal, a log line,
 * Markdown or HTML. Stored bytes stay intact: call this only where text is rendered.
 */

// C0 (but tab and newline), DEL, C1, bidi controls, zero-width and line separators.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** One terminal-safe line or block: control characters become `\xNN` or `\u{NNNN}`. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, escapeChar)
}

/** As `plainText`, on one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\t/g, '\\t').replace(/\n/g, '\\n')
}

/** JSON that a terminal may show: no control character stands in it as itself. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function escapeChar(char: string): string {
  const code = char.charCodeAt(0)
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
