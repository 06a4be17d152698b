/**
 * A queue of things to do at virtual times: a binary heap on (time, order of arrival), so that equal times keep their
 * order and the same pushes always pop the same way. Knows nothing of what it holds; never reads a clock.
 */

export interface Scheduled<T> {
  readonly atUs: number
  readonly seq: number
  readonly item: T
}

export class Schedule<T> {
  private readonly heap: Scheduled<T>[] = []
  private nextSeq = 1

  get size(): number {
    return this.heap.length
  }

  /** Time of the earliest item, Infinity when there is none. */
  nextUs(): number {
    return this.heap[0]?.atUs ?? Number.POSITIVE_INFINITY
  }

  push(atUs: number, item: T): void {
    const entry = { atUs, seq: this.nextSeq++, item }
    let index = this.heap.push(entry) - 1
    while (index > 0) {
      const up = (index - 1) >> 1
      const parent = this.heap[up]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.heap[index] = parent
      index = up
    }
    this.heap[index] = entry
  }

  /** Takes the earliest item; undefined when there is none. */
  pop(): Scheduled<T> | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first !== undefined && last !== undefined && first !== last) this.sink(last)
    return first
  }

  /** Takes the earliest item when it is due at or before `nowUs`. */
  popDue(nowUs: number): T | undefined {
    return this.nextUs() <= nowUs ? this.pop()?.item : undefined
  }

  private sink(entry: Scheduled<T>): void {
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const a = this.heap[left]
      const b = this.heap[left + 1]
      if (a === undefined) break
      const child = b !== undefined && isBefore(b, a) ? b : a
      if (!isBefore(child, entry)) break
      this.heap[index] = child
      index = child === b ? left + 1 : left
    }
    this.heap[index] = entry
  }
}

function isBefore<T>(a: Scheduled<T>, b: Scheduled<T>): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq)
}
