/** Moves records from the ring to the disk, in blocks. Runs in the writer's thread, or in ours where time is virtual. */
import { CTL, type RingTaker } from './journal-ring.ts'
import type { JournalWriter } from './journal-writer.ts'

const BLOCK_BYTES_MAX = 256 * 1024

export class JournalDrain {
  private readonly ring: RingTaker
  private readonly writer: JournalWriter

  constructor(ring: RingTaker, writer: JournalWriter) {
    this.ring = ring
    this.writer = writer
  }

  /** Writes everything there is; false when there was nothing. */
  move(): boolean {
    let moved = false
    for (let span = this.ring.take(BLOCK_BYTES_MAX); span !== null; span = this.ring.take(BLOCK_BYTES_MAX)) {
      this.writer.append(span, this.ring.count)
      this.ring.release()
      moved = true
    }
    if (moved) Atomics.store(this.ring.control, CTL.bytes, this.writer.bytesWritten | 0)
    return moved
  }

  /** Is there a record that `which` asks to be durable and is not? */
  wants(which: 'urgent' | 'soon'): boolean {
    const seq = Atomics.load(this.ring.control, CTL[which])
    return ((seq - this.writer.durableSeq) | 0) > 0
  }

  sync(): void {
    this.writer.sync()
    Atomics.store(this.ring.control, CTL.durable, this.writer.durableSeq | 0)
  }

  close(): void {
    this.move()
    this.writer.close()
    Atomics.store(this.ring.control, CTL.durable, this.writer.durableSeq | 0)
  }
}
