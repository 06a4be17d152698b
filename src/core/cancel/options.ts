/**
 * The command line of `mm cancel-all`, read without any library, so that it starts fast and works when all else is
 * broken. What it does not understand is null: the full command line parser then says what is wrong.
 */
import { parseDurationMs } from '../duration.ts'
import type { FenceMode } from './fence.ts'
import { CATEGORIES, type CancelCategory } from './scope.ts'

export interface CancelOptions {
  /** '' when not given: then the state directory of the bot says where it trades. */
  readonly venue: string
  readonly exchangeUrl: string
  readonly categories: readonly CancelCategory[]
  readonly symbol: string
  readonly prefix: string
  readonly isKeepingProtective: boolean
  readonly isFlattening: boolean
  readonly isConfirmed: boolean
  readonly fence: FenceMode
  readonly durationMs: number
  /** Where the proof goes; '' for the state directory. */
  readonly proofPath: string
  readonly resolve: ReadonlyMap<string, string>
  readonly isDryRun: boolean
  readonly isJson: boolean
  readonly isPlain: boolean
  readonly stateDir: string
  readonly credentialsFile: string
}

const VENUES = new Set(['live', 'testnet', 'demo', 'paper'])
const FENCES = new Set(['ack', 'kill', 'revoke', 'none'])
/** Flags of every command that mean nothing here: an emergency reads no configuration. */
const IGNORED = new Set(['config', 'profile', 'override', 'set'])

/** Raw flags, as any parser gives them. */
export type RawFlags = ReadonlyMap<string, readonly string[]>

const SWITCHES = new Set(['keep-protective', 'flatten', 'yes', 'dry-run', 'json', 'no-color'])
const VALUES = new Set([
  'venue',
  'exchange-url',
  'category',
  'symbol',
  'prefix',
  'fence',
  'deadline',
  'proof',
  'resolve',
  'state-dir',
  'credentials-file',
  ...IGNORED,
])

/** `--name value`, `--name=value` and switches; null as soon as anything else is found. */
export function readFlags(argv: readonly string[]): RawFlags | null {
  const flags = new Map<string, string[]>()
  for (let i = 0; i < argv.length; i++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[i] ?? '')
    const name = match?.[1] ?? ''
    if (SWITCHES.has(name) && match?.[2] === undefined) flags.set(name, ['true'])
    else if (VALUES.has(name)) {
      const value = match?.[2] ?? argv[++i]
      if (value === undefined) return null
      flags.set(name, [...(flags.get(name) ?? []), value])
    } else return null
  }
  return flags
}

/** The options, or what is wrong with them. */
export function optionsOf(flags: RawFlags): CancelOptions | string {
  const one = (name: string, otherwise = ''): string => flags.get(name)?.at(-1) ?? otherwise
  const categories = categoriesOf(one('category', 'all'))
  if (categories === null) return `--category ${one('category')}: use all, or some of ${CATEGORIES.join(',')}`
  const durationMs = parseDurationMs(one('deadline', '60s'))
  if (durationMs === null || durationMs < 1_000)
    return `--deadline ${one('deadline')}: use a time such as 60s or 5m, at least 1s`
  const venue = one('venue')
  if (venue !== '' && !VENUES.has(venue)) return `--venue ${venue}: use ${[...VENUES].join(', ')}`
  if (venue === 'paper' && one('exchange-url') === '')
    return '--venue paper: name the running mm exchange with --exchange-url (a bot that embeds its own has no other orders)'
  const fence = one('fence', 'kill')
  if (!FENCES.has(fence)) return `--fence ${fence}: use ${[...FENCES].join(', ')}`
  const resolve = resolveOf(flags.get('resolve') ?? [])
  if (typeof resolve === 'string') return resolve
  const isFlattening = flags.has('flatten')
  if (isFlattening && !flags.has('yes')) return '--flatten closes positions at the market: add --yes'
  if (isFlattening && one('prefix') !== '') return '--flatten closes whole positions: it cannot go with --prefix'
  const symbol = one('symbol')
  if (symbol !== '' && !/^[A-Z0-9-]{2,40}$/.test(symbol)) return `--symbol ${symbol}: symbols are written like BTCUSDT`
  return {
    venue,
    exchangeUrl: one('exchange-url'),
    categories,
    symbol,
    prefix: one('prefix'),
    isKeepingProtective: flags.has('keep-protective'),
    isFlattening,
    isConfirmed: flags.has('yes'),
    fence: fence as FenceMode,
    durationMs,
    proofPath: one('proof'),
    resolve,
    isDryRun: flags.has('dry-run'),
    isJson: flags.has('json'),
    isPlain: flags.has('no-color'),
    stateDir: one('state-dir'),
    credentialsFile: one('credentials-file'),
  }
}

function categoriesOf(text: string): readonly CancelCategory[] | null {
  if (text === 'all') return CATEGORIES
  const wanted = text.split(',')
  const known = CATEGORIES.filter((category) => wanted.includes(category))
  return known.length === wanted.length ? known : null
}

function resolveOf(entries: readonly string[]): ReadonlyMap<string, string> | string {
  const map = new Map<string, string>()
  for (const entry of entries) {
    const match = /^([A-Za-z0-9.-]+):([0-9.]+|\[?[0-9a-fA-F:]+\]?)$/.exec(entry)
    if (match === null) return `--resolve ${entry}: use HOST:IP`
    map.set(match[1] ?? '', (match[2] ?? '').replace(/^\[|\]$/g, ''))
  }
  return map
}
