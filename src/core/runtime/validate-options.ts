/** Options of `mm validate-config`, and the small parser of its fast path: plain uses need no oclif. */
import { CONFIG_FORMATS, type ConfigFormat } from '../report/config-report.ts'

export interface ValidateOptions {
  /** The file, as an argument or as --config. */
  readonly config?: string
  readonly profile?: string
  readonly override?: string
  readonly set: readonly string[]
  readonly format: ConfigFormat
  /** '' for the whole table. */
  readonly explain?: string
  readonly schema: boolean
  readonly account: boolean
  readonly venue?: string
  readonly exchangeUrl?: string
  readonly symbols?: string
}

type Draft = { -readonly [K in keyof ValidateOptions]: ValidateOptions[K] } & { set: string[] }

const VALUES = {
  '--config': 'config',
  '--profile': 'profile',
  '--override': 'override',
  '--venue': 'venue',
  '--exchange-url': 'exchangeUrl',
  '--symbols': 'symbols',
} as const

/** Options of `argv`, or nothing when there is something in it that only the full parser understands. */
export function parseFast(argv: readonly string[]): ValidateOptions | undefined {
  const draft: Draft = { set: [], format: 'text', schema: false, account: false }
  const words = argv.flatMap((word) => (/^--[a-z-]+=/.test(word) ? split(word) : [word]))
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    const taken = takeSwitch(draft, word)
      ? 0
      : word === '--explain'
        ? takeExplain(draft, next)
        : takeValue(draft, word, next)
    if (taken === null) return undefined
    at += taken
  }
  // A caller that asked for JSON gets it, whatever else it asked for.
  return words.includes('--json') ? { ...draft, format: 'json' } : draft
}

function split(word: string): string[] {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}

function takeSwitch(draft: Draft, word: string): boolean {
  if (word === '--json') draft.format = 'json'
  else if (word === '--schema') draft.schema = true
  else if (word === '--account') draft.account = true
  else return word === '--no-color'
  return true
}

// The word behind --explain is a key unless it looks like a file.
function takeExplain(draft: Draft, next: string | undefined): number {
  const hasKey = next !== undefined && !next.startsWith('-') && !isFileName(next)
  draft.explain = hasKey ? next : ''
  return hasKey ? 1 : 0
}

// How many further words were used; null when the word is not understood.
function takeValue(draft: Draft, word: string, next: string | undefined): number | null {
  if (!word.startsWith('-')) {
    if (draft.config !== undefined) return null
    draft.config = word
    return 0
  }
  if (next === undefined || next.startsWith('--')) return null
  if (word === '--set') draft.set.push(next)
  else if (word === '--format') {
    if (!isConfigFormat(next)) return null
    draft.format = next
  } else if (word in VALUES) draft[VALUES[word as keyof typeof VALUES]] = next
  else return word === '--state-dir' ? 1 : null
  return 1
}

export function isFileName(word: string): boolean {
  return /[/\\]|\.(ya?ml|json)$/.test(word)
}

export function isConfigFormat(text: string): text is ConfigFormat {
  return CONFIG_FORMATS.some((format) => format === text)
}
