/**
 * Which executions were counted already. Bounded by time, not by number: an id is kept at least one horizon of exchange
 * time, and an execution older than what is kept is refused rather than guessed about. Never answers `new` twice.
 */

export type FillVerdict = 'new' | 'repeat' | 'expired'

export class FillMemory {
  private recent = new Set<string>()
  private older = new Set<string>()
  /** Executions made before this may have been forgotten. */
  private forgottenUs = Number.NEGATIVE_INFINITY
  private recentFromUs = Number.NaN
  private newestUs = Number.NEGATIVE_INFINITY
  private readonly horizonUs: number

  constructor(horizonUs: number) {
    this.horizonUs = horizonUs
  }

  /** Ids held now. */
  get size(): number {
    return this.recent.size + this.older.size
  }

  /** Remembers `execId`, made by the exchange at `madeUs`, and says whether it may be counted. */
  admit(execId: string, madeUs: number): FillVerdict {
    if (this.recent.has(execId) || this.older.has(execId)) return 'repeat'
    if (madeUs < this.forgottenUs) return 'expired'
    this.turn(madeUs)
    this.recent.add(execId)
    return 'new'
  }

  // Two generations: when the recent one spans a horizon it becomes the older one, and the older one is forgotten. What
  // is forgotten was made before the recent one began, except for what came late: so the line is drawn at that instant.
  private turn(madeUs: number): void {
    if (madeUs > this.newestUs) this.newestUs = madeUs
    if (Number.isNaN(this.recentFromUs)) this.recentFromUs = this.newestUs
    if (this.newestUs - this.recentFromUs <= this.horizonUs) return
    if (this.older.size > 0) this.forgottenUs = this.recentFromUs
    this.older = this.recent
    this.recent = new Set()
    this.recentFromUs = this.newestUs
  }
}
