/**
 * Do the book messages of a capture join? Deltas must chain by update id; a snapshot that was asked for apart may be older
 * than deltas already received, which then have to be applied again. Says what to do with each frame; a break is never
 * repaired, it becomes a gap mark.
 */
import type { BookFrame } from './frame.ts'

export interface ChainStep {
  /** Set: the frame does not follow what came before. */
  readonly gap: { readonly expectedId: number; readonly foundId: number } | null
  /** Record the frame itself; false: `why` says why not. */
  readonly isKept: boolean
  readonly why: string
  /** Deltas received earlier that the snapshot does not contain, in order: to be written again after it. */
  readonly repeat: readonly BookFrame[]
}

/** Deltas remembered for a late snapshot: about a minute and a half of a 50 ms stream. */
const RECENT_MAX = 2_048

export class BookChain {
  /** Last id of the chain; null before anything and after a gap at a snapshot. */
  private lastId: number | null = null
  /** A snapshot from apart that no delta has joined yet. */
  private pendingSnapshotId: number | null = null
  private recent: BookFrame[] = []

  delta(frame: BookFrame): ChainStep {
    const { lastId } = this
    if (lastId !== null && frame.lastId <= lastId && frame.previousId < lastId) return dropped('delta seen before')
    const gap =
      lastId !== null && frame.previousId !== lastId ? { expectedId: lastId, foundId: frame.previousId } : null
    this.lastId = frame.lastId
    if (gap !== null) {
      this.recent = []
      this.pendingSnapshotId = null
    }
    this.remember(frame)
    const snapshotId = this.pendingSnapshotId
    if (snapshotId === null) return kept(gap)
    if (frame.lastId < snapshotId) return dropped('delta older than the snapshot before it')
    this.pendingSnapshotId = null
    return kept(joinGap(snapshotId, frame))
  }

  snapshot(frame: BookFrame): ChainStep {
    if (!frame.isAnswer) {
      this.lastId = frame.lastId
      this.recent = []
      this.pendingSnapshotId = null
      return kept(null)
    }
    const repeat = this.recent.filter((delta) => delta.lastId >= frame.lastId)
    const [first] = repeat
    this.pendingSnapshotId = first === undefined ? frame.lastId : null
    // A break between the snapshot and what is repeated after it: nothing may be built on it.
    if (first !== undefined && joinGap(frame.lastId, first) !== null) {
      return { ...dropped('snapshot older than every delta that could join it') }
    }
    return { gap: null, isKept: true, why: '', repeat }
  }

  private remember(frame: BookFrame): void {
    this.recent.push(frame)
    if (this.recent.length > RECENT_MAX) this.recent = this.recent.slice(RECENT_MAX / 2)
  }
}

function joinGap(snapshotId: number, first: BookFrame): ChainStep['gap'] {
  return first.previousId > snapshotId ? { expectedId: snapshotId, foundId: first.previousId } : null
}

function kept(gap: ChainStep['gap']): ChainStep {
  return { gap, isKept: true, why: '', repeat: [] }
}

function dropped(why: string): ChainStep {
  return { gap: null, isKept: false, why, repeat: [] }
}
