/** Rates over the last few seconds, from counters read now and then. */
export class Rates<K extends string> {
  private readonly samples: { readonly atUs: number; readonly counts: Readonly<Record<K, number>> }[] = []
  private readonly spanUs: number

  constructor(spanUs = 5_000_000) {
    this.spanUs = spanUs
  }

  /** Per second since the oldest sample within the span. */
  at(nowUs: number, counts: Readonly<Record<K, number>>): Record<K, number> {
    this.samples.push({ atUs: nowUs, counts })
    while ((this.samples[1]?.atUs ?? nowUs) <= nowUs - this.spanUs) this.samples.shift()
    const [oldest] = this.samples
    const seconds = (nowUs - (oldest?.atUs ?? nowUs)) / 1e6
    const rates: Record<K, number> = { ...counts }
    for (const key of Object.keys(counts) as K[]) {
      rates[key] = seconds > 0 ? (counts[key] - (oldest?.counts[key] ?? 0)) / seconds : 0
    }
    return rates
  }
}
