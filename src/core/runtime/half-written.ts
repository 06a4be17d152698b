/**
 * A configuration that is read while somebody still writes it. YAML cut off is often valid YAML, and what was cut off would
 * fall back to defaults in a running bot. A cut shows in one of two ways: keys that the file named are gone, or the last
 * line has no end, so that its value may be the beginning of another. Both are refused; a restart takes them. A
 * cut that took only keys which are new leaves no trace.
 */
import type { LoadedConfig, Resolution } from '../config/load.ts'
import type { Origin } from '../config/origin.ts'
import { plainLine } from '../plain-text.ts'

/** Why what was read may be half a configuration, one sentence for each trace of it; empty when there is none. */
export function halfWritten(current: LoadedConfig, { leaves, texts }: Pick<Resolution, 'leaves' | 'texts'>): string[] {
  const unended = [...texts.lines].filter(([, lines]) => isUnended(lines)).map(([file]) => unendedText(file))
  const said = new Set(leaves.map(({ path, origin }) => sayingOf(path, origin)))
  const gone = sayings(current).filter((saying) => !said.has(saying))
  return [...unended, ...gone.map(goneText)]
}

const SEPARATOR = '\n'

/** File and key; '' for what no file said. */
function sayingOf(path: string, origin: Origin): string {
  return origin.kind === 'file' ? `${origin.file}${SEPARATOR}${path}` : ''
}

// Also what a stronger source overrode: with the key gone it would be that source alone that holds it.
function sayings({ values }: LoadedConfig): string[] {
  return [...values].flatMap(([path, { origin, overrode }]) =>
    [{ origin }, ...overrode].map((one) => sayingOf(path, one.origin)).filter((saying) => saying !== ''),
  )
}

// A quote or a bracket that closes ends its value whatever would have come behind it; in a comment nothing is lost.
function isUnended(lines: readonly string[]): boolean {
  const last = lines.at(-1) ?? ''
  return last.trim() !== '' && !/["'\]}]\s*$/.test(last) && !/^\s*#/.test(last)
}

function unendedText(file: string): string {
  return `${plainLine(file)}: its last line has no line end, as when it is still being written; end it and try again`
}

function goneText(saying: string): string {
  const [file = '', path = ''] = saying.split(SEPARATOR)
  return `${path}: gone from ${plainLine(file)}, as when it is still being written; write the value it shall have, or restart`
}
