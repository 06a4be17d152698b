/** The options of a scan, and the small parser of the fast path: it understands plain uses and leaves the rest to oclif. */

export const FORMATS = ['text', 'json', 'sarif', 'junit', 'github'] as const
export type Format = (typeof FORMATS)[number]

export interface ScanOptions {
  readonly paths: readonly string[]
  readonly staged: boolean
  readonly history: boolean
  readonly range?: string
  readonly stdin: boolean
  readonly package?: string
  readonly baseline?: string
  readonly writeBaseline: boolean
  readonly allowlist?: string
  readonly strict: boolean
  readonly format: Format
  readonly output?: string
  readonly explain?: string
  readonly installHook: boolean
}

export type Source = 'tree' | 'staged' | 'history' | 'stdin' | 'package'

/** What is to be read. */
export function sourceOf(options: ScanOptions): Source {
  if (options.staged) return 'staged'
  if (options.history) return 'history'
  if (options.stdin) return 'stdin'
  return options.package === undefined ? 'tree' : 'package'
}

type Draft = { -readonly [K in keyof ScanOptions]: ScanOptions[K] }

const SWITCHES: Readonly<Record<string, 'staged' | 'stdin' | 'strict' | 'writeBaseline' | 'installHook'>> = {
  '--staged': 'staged',
  '--stdin': 'stdin',
  '--strict': 'strict',
  '--write-baseline': 'writeBaseline',
  '--install-hook': 'installHook',
}
const VALUES: Readonly<Record<string, 'package' | 'baseline' | 'allowlist' | 'output' | 'explain'>> = {
  '--package': 'package',
  '--baseline': 'baseline',
  '--allowlist': 'allowlist',
  '--output': 'output',
  '--explain': 'explain',
}

/** Options of `argv`, or nothing when there is something in it that only the full parser understands. */
export function parseFast(argv: readonly string[]): ScanOptions | undefined {
  const draft: Draft = { ...DEFAULTS, paths: [] }
  const paths: string[] = []
  let isJson = false
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    const key = SWITCHES[word]
    const value = VALUES[word]
    if (key !== undefined) draft[key] = true
    else if (word === '--history') {
      draft.history = true
      if (isRange(argv[i + 1])) draft.range = argv[++i] ?? ''
    } else if (word === '--json') isJson = true
    else if (word === '--no-color') continue
    else if (value !== undefined || word === '--format') {
      const next = argv[++i]
      if (next === undefined || next.startsWith('--')) return undefined
      if (value !== undefined) draft[value] = next
      else if (isFormat(next)) draft.format = next
      else return undefined
    } else if (word.startsWith('-')) return undefined
    else paths.push(word)
  }
  return { ...draft, paths, ...(isJson && { format: 'json' }) }
}

export const DEFAULTS: ScanOptions = {
  paths: [],
  staged: false,
  history: false,
  stdin: false,
  writeBaseline: false,
  strict: false,
  format: 'text',
  installHook: false,
}

export function isFormat(text: string): text is Format {
  return FORMATS.some((format) => format === text)
}

/** `A..B`, `A...B`, `C^!`: what follows `--history` when it is no path. */
export function isRange(text: string | undefined): boolean {
  if (text === undefined || text.startsWith('-') || text.startsWith('.')) return false
  return text.includes('..') || text.endsWith('^!')
}
