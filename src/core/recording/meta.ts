/**
 * Reads the metadata of a recording from untrusted JSON: every field is checked, none is trusted or filled in. Returns
 * the name of the first field that does not fit instead of throwing, because the caller knows the file.
 */
import { COLUMNS, FORMAT, KIND, type RecordingMeta, VERSION } from './schema.ts'

export type MetaResult =
  | { readonly meta: RecordingMeta }
  | { readonly badField: string }
  | { readonly foreignVersion: number | string }

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isInteger: Check = (value) => Number.isSafeInteger(value)
const isNanos: Check = (value) => typeof value === 'string' && /^\d{1,19}$/.test(value)
const isSha: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isDecimal: Check = (value) => typeof value === 'string' && /^\d{1,16}(\.\d{1,15})?$/.test(value)
const isCategory: Check = (value) => value === 'linear' || value === 'inverse' || value === 'spot'
const isCrcList: Check = (value) => Array.isArray(value) && value.every(isCount)
const isGap: Check = (value) =>
  isRecord(value) &&
  isCount(value.message) &&
  isNanos(value.localNs) &&
  isCount(value.expectedId) &&
  isCount(value.foundId)

/** Field path → what it must be. */
const FIELDS: Readonly<Record<string, Check>> = {
  venue: isText,
  symbol: isText,
  category: isCategory,
  tickSize: isDecimal,
  lotSize: isDecimal,
  createdBy: isText,
  'source.format': isText,
  'source.file': isText,
  'source.bytes': isCount,
  'source.sha256': isSha,
  'span.firstLocalNs': isNanos,
  'span.lastLocalNs': isNanos,
  'lines.total': isCount,
  'lines.used': isCount,
  'lines.skipped': (value) => isRecord(value) && Object.values(value).every(isCount),
  ...Object.fromEntries(Object.keys(KIND).map((kind) => [`messages.${kind}`, isCount])),
  'events.levels': isCount,
  'events.trades': isCount,
  'events.bestQuotes': isCount,
  rows: isCount,
  repeatedMessages: isCount,
  outOfOrder: isCount,
  gapCount: isCount,
  gaps: (value) => Array.isArray(value) && value.every(isGap),
  feedUsMin: isInteger,
  'bestQuoteCheck.compared': isCount,
  'bestQuoteCheck.equal': isCount,
  ...Object.fromEntries(COLUMNS.map(({ name }) => [`crc32.${name}`, isCrcList])),
}

export function parseMeta(json: string): MetaResult {
  const value = parsed(json)
  if (!isRecord(value) || value.format !== FORMAT) return { badField: 'format' }
  if (value.version !== VERSION) return { foreignVersion: printable(value.version) }
  return isMeta(value) ? { meta: value } : { badField: badField(value) ?? '' }
}

function isMeta(value: unknown): value is RecordingMeta {
  return badField(value) === null
}

function badField(value: unknown): string | null {
  for (const [path, check] of Object.entries(FIELDS)) {
    if (!check(fieldAt(value, path))) return path
  }
  return null
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

function fieldAt(value: unknown, path: string): unknown {
  let at: unknown = value
  for (const name of path.split('.')) at = isRecord(at) ? at[name] : undefined
  return at
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function printable(value: unknown): number | string {
  return typeof value === 'number' || typeof value === 'string' ? value : 'none'
}
