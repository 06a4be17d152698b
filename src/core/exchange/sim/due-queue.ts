/** Things that fall due in the order in which they were put in: times never go back, so no heap is needed. */
import { invariant } from '../../domain/invariant.ts'

export class DueQueue<T> {
  /** Time of the newest item ever put in. */
  lastUs = 0
  private items: T[] = []
  private times: number[] = []
  private head = 0

  get size(): number {
    return this.items.length - this.head
  }

  /** Infinity when empty. */
  nextUs(): number {
    return this.times[this.head] ?? Number.POSITIVE_INFINITY
  }

  /** An item due before the newest one waits for it: a leg delivers in order. */
  push(atUs: number, item: T): void {
    this.lastUs = Math.max(this.lastUs, atUs)
    this.times.push(this.lastUs)
    this.items.push(item)
  }

  /** The earliest item, if it is due at or before `nowUs`. */
  pop(nowUs: number): T | undefined {
    if (this.nextUs() > nowUs) return undefined
    const item = this.items[this.head]
    invariant(item !== undefined, 'times and items are one list')
    this.head++
    if (this.head === this.items.length) this.clear()
    else if (this.head > 1024 && this.head * 2 > this.items.length) this.compact()
    return item
  }

  private clear(): void {
    this.items.length = 0
    this.times.length = 0
    this.head = 0
  }

  private compact(): void {
    this.items = this.items.slice(this.head)
    this.times = this.times.slice(this.head)
    this.head = 0
  }
}
