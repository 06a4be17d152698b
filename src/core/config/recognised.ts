/**
 * What in a configuration the scanner's rules recognise as a secret, wherever it stands: in a value, a comment, a variable.
 * The rules are loaded only for a text in which there could be one, because the command runs cold. Never shows the value.
 */
import type { Matcher } from '../scan/match.ts'
import type { Resolution } from './load.ts'
import type { Leaf, Origin, Place } from './origin.ts'
import { type Problem, problem } from './problem.ts'

/** Problems of values that nobody refused yet, and the places that must not be shown. */
export async function recognisedSecrets(
  resolution: Pick<Resolution, 'leaves' | 'texts' | 'problems'>,
): Promise<{ readonly problems: readonly Problem[]; readonly hidden: readonly Origin[] }> {
  const { leaves, texts } = resolution
  const files = [...texts.lines].filter(([, lines]) => lines.some(mayHold))
  const words = leaves.filter(({ value }) => mayHold(textOf(value)))
  if (files.length === 0 && words.length === 0) return { problems: [], hidden: [] }
  const { loadMatcher } = await import('../scan/match.ts')
  const matcher = await loadMatcher()
  const found: Problem[] = []
  const take = (key: string, origin: Origin): void => {
    if (![...resolution.problems, ...found].some((known) => isSameLine(known, origin)))
      found.push(secretAt(key, origin))
  }
  for (const { path, value, origin } of words) if (isRecognised(matcher, textOf(value))) take(path, origin)
  const places = files.flatMap(([file, lines]) => inFile(matcher, file, lines))
  for (const place of places) take(keyAt(leaves, place), place)
  return { problems: found, hidden: [...places, ...found.map(({ origin }) => origin)] }
}

function inFile(matcher: Matcher, file: string, lines: readonly string[]): Place[] {
  const text = lines.join('\n')
  const spans = matcher.find(text).filter(({ tier }) => tier !== 'review')
  return spans.map(({ start, end }) => placeOf(text, file, start, end))
}

function placeOf(text: string, file: string, start: number, end: number): Place {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const line = text.slice(0, lineStart).split('\n').length
  const lineEnd = text.indexOf('\n', start)
  const stop = Math.min(end, lineEnd < 0 ? text.length : lineEnd)
  const column = Array.from(text.slice(lineStart, start)).length + 1
  return { kind: 'file', file, line, column, length: Array.from(text.slice(start, stop)).length }
}

/** A value without a name of its own is judged as if it were called a secret: no key of ours takes random text. */
function isRecognised(matcher: Matcher, value: string): boolean {
  return matcher.find(`secret = "${value}"\n`).some(({ tier }) => tier !== 'review')
}

function secretAt(key: string, origin: Origin): Problem {
  const message = `${key === '' ? 'this text' : key} looks like a secret, and the configuration holds none`
  return problem('CONFIG_SECRET', { key, message, origin })
}

/** The key whose value stands at `origin`; '' for a comment. */
function keyAt(leaves: readonly Leaf[], origin: Origin): string {
  const leaf = leaves.find((candidate) => {
    const { origin: place } = candidate
    return place.kind === 'file' && origin.kind === 'file' && place.file === origin.file && place.line === origin.line
  })
  return leaf !== undefined &&
    leaf.origin.kind === 'file' &&
    origin.kind === 'file' &&
    leaf.origin.column <= origin.column
    ? leaf.path
    : ''
}

function isSameLine({ code, origin: known }: Problem, origin: Origin): boolean {
  if (code !== 'CONFIG_SECRET') return false
  if (known.kind === 'file' && origin.kind === 'file') return known.file === origin.file && known.line === origin.line
  return known.kind === origin.kind && 'name' in known && 'name' in origin && known.name === origin.name
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(' ') : ''
}

const RUN = /[A-Za-z0-9+_=-]{16,}/g
const PHRASE = /(?:\b[a-z]{3,8}\b[ ,]{1,4}){11}[a-z]{3,8}\b/
/** Words of every sentence and of no seed phrase: they are not in its list. */
const PROSE = /\b(?:the|and|its|for|are|not|from|was)\b/

/** A quick look: a long run that is no name, a password in an address, a key, a seed phrase. Sentences and keys end here. */
function mayHold(text: string): boolean {
  if (text.length < 16) return false
  if (/:\/\/[^\s/]*@|-----BEGIN/.test(text)) return true
  if (!PROSE.test(text) && PHRASE.test(text)) return true
  return (text.match(RUN) ?? []).some(isOdd)
}

/** Letters and digits, or capitals where no name has them. */
function isOdd(run: string): boolean {
  if (/[A-Z]{8}|[A-Z]{2}[a-z]|[a-z][A-Z]{2}|[A-Z][a-z][A-Z]/.test(run)) return true
  return /[a-z]/i.test(run) && /\d\D*\d/.test(run)
}
