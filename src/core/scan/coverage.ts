/** What a scan read and what it did not: nothing is skipped in silence, and zero input is not a pass by itself. */

export interface Note {
  readonly path: string
  readonly reason: string
}

const LISTED_MAX = 200

export class Coverage {
  files = 0
  blobs = 0
  bytes = 0
  /** Files of which only strong rules were tried. */
  binaries = 0
  /** Left out on purpose, by reason. */
  readonly skipped = new Map<string, number>()
  skippedPaths: Note[] = []
  /** What should have been read and was not: any entry means the answer is not known. */
  unread: Note[] = []
  unreadCount = 0

  skip(path: string, reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1)
    if (this.skippedPaths.length < LISTED_MAX) this.skippedPaths.push({ path, reason })
  }

  miss(path: string, reason: string): void {
    this.unreadCount++
    if (this.unread.length < LISTED_MAX) this.unread.push({ path, reason })
  }

  /** Masks tokens in names and messages. */
  mask(mask: (text: string) => string): void {
    const note = ({ path, reason }: Note) => ({ path: mask(path), reason: mask(reason) })
    this.skippedPaths = this.skippedPaths.map(note)
    this.unread = this.unread.map(note)
  }

  /** Adds what another worker covered. */
  merge(other: Coverage): void {
    this.files += other.files
    this.blobs += other.blobs
    this.bytes += other.bytes
    this.binaries += other.binaries
    for (const [reason, count] of other.skipped) this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + count)
    this.skippedPaths.push(...other.skippedPaths)
    this.unread.push(...other.unread)
    this.unreadCount += other.unreadCount
  }
}
