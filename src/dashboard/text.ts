/** Numbers and times as a person reads them on a dashboard. Pure; widths are in characters. */

/** "1 d 02:03:04", "02:03:04". */
export function uptimeText(us: number): string {
  const s = Math.max(0, Math.floor(us / 1_000_000))
  const clock = [Math.floor(s / 3_600) % 24, Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0'))
  const days = Math.floor(s / 86_400)
  return (days > 0 ? `${days} d ` : '') + clock.join(':')
}

/** A span with three significant digits at most: "950 µs", "12.3 ms", "4.0 s", "3 min". */
export function spanText(us: number): string {
  if (!Number.isFinite(us)) return '–'
  if (us < 1_000) return `${Math.round(us)} µs`
  if (us < 100_000) return `${(us / 1_000).toFixed(1)} ms`
  if (us < 1_000_000) return `${Math.round(us / 1_000)} ms`
  return us < 120_000_000 ? `${(us / 1_000_000).toFixed(1)} s` : `${Math.round(us / 60_000_000)} min`
}

/** Signed money or position: "+1.25", "−0.5", "0". */
export function signedText(text: string): string {
  if (/^-?0*(?:\.0*)?$/.test(text)) return '0'
  return text.startsWith('-') ? `−${text.slice(1)}` : `+${text}`
}

/** At most `decimals` decimals, cut towards zero: for display only. */
export function cutText(text: string, decimals: number): string {
  const dot = text.indexOf('.')
  return dot < 0 ? text : text.slice(0, dot + 1 + decimals).replace(/\.?0*$/, '')
}

export function clockText(us: number): string {
  return new Date(us / 1_000).toISOString().slice(11, 23)
}

export function rateText(perSecond: number): string {
  return perSecond >= 100 ? `${Math.round(perSecond)}/s` : `${perSecond.toFixed(1)}/s`
}
