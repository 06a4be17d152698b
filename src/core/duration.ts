/** Spans of time as people write them: "1500ms", "60s", "5m", "2h". */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds; null for text that is no duration (a bare number is none: its unit would be a guess). */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text)
  if (match === null) return null
  return Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN)
}
