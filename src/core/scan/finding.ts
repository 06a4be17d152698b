/** What a report says about one secret: where, which rule, how sure, a mask and a keyed hash. Never the value. */
import { hmacSha256 } from './lazy-crypto.ts'
import type { Hit, Rule, Severity, Tier } from './rule.ts'

export interface Finding {
  readonly rule: string
  readonly title: string
  readonly severity: Severity
  readonly tier: Tier
  readonly path: string
  readonly line: number
  readonly column: number
  readonly redacted: string
  readonly fingerprint: string
  readonly reason: string
  /** Decoders passed on the way, e.g. `base64`. */
  readonly via?: string
  readonly commit?: string
  readonly blob?: string
  /** Something a reader must know: an invalid or foreign inline tag. */
  readonly note?: string
  /** Why it does not count: `baseline`, `allowlist: …`, `inline: …`. */
  readonly allowed?: string
}

/** Salt of fingerprints where the repository has no file with its own. */
export const DEFAULT_SALT = 'mm scan-secrets'

/** 128 bits of HMAC-SHA-256 over rule and value: the same in tree, index and history, whatever the position. */
export function fingerprintOf(salt: string, rule: string, value: string): string {
  return hmacSha256(salt)
    .update(`${rule}\0${normal(value)}`, 'latin1')
    .digest('hex')
    .slice(0, 32)
}

/** Key blocks differ in line ends and indentation; their content does not. */
function normal(value: string): string {
  return value.includes('PRIVATE KEY') ? value.replace(/\\+[nrt]/g, '').replace(/[^A-Za-z0-9+/=]/g, '') : value
}

/** First and last two characters of values from 16 on, otherwise only the length. */
export function redact(hit: Pick<Hit, 'value'>): string {
  const { value } = hit
  if (value.includes('PRIVATE KEY') || value.includes(' ')) return `[${value.length} characters]`
  return value.length < 16
    ? `[${value.length} characters]`
    : `${value.slice(0, 2)}…${value.slice(-2)} [${value.length} characters]`
}

/** What was found: of a key and its secret, which share a rule, the key is called one. */
export function titleOf({ title }: Rule, role: Hit['role']): string {
  return role === 'id' ? title.replace(/ API secret$/, ' API key') : title
}

/** Tiers that fail a scan. */
export function fails(finding: Finding): boolean {
  return finding.allowed === undefined && finding.tier !== 'review'
}
