/**
 * Memory between the loop and the journal's writer: records laid out exactly as on disk, in a ring that two threads
 * share. The loop fills, the writer takes whole records away. Full means full: nothing is overwritten, nothing waits.
 *
 * @hot
 */
import { RECORD_HEADER_BYTES } from './journal-format.ts'

/** Words of the control block. Counters are low 32 bits; each side keeps the full value. */
export const CTL = {
  /** Changes whenever the writer should look. */
  wake: 0,
  /** Word position up to which records are complete. */
  written: 1,
  /** Word position up to which the writer has taken records. */
  taken: 2,
  durable: 3,
  /** Last seq that must be durable now. */
  urgent: 4,
  /** Last seq that should be durable soon. */
  soon: 5,
  /** 1: the loop waits for news of `durable`. */
  listening: 6,
  failed: 7,
  stop: 8,
  stopped: 9,
  /** Duration of the last sync in µs. */
  syncUs: 10,
  /** Bytes on disk, low 32 bits. */
  bytes: 11,
} as const

const CONTROL_BYTES = 64
/** Marks the unused end of the ring: the next record is at its start. */
const SKIP = 0xffff_ffff
const WORD = 8

export type RingMemory = ArrayBuffer | SharedArrayBuffer

export function ringMemory(dataBytes: number, isShared: boolean): RingMemory {
  const bytes = CONTROL_BYTES + dataBytes
  return isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
}

/** The filling end. `begin` gives a payload's byte offset into `u32`/`f64`/`bytes`; `end` publishes the record. */
export class RingFiller {
  readonly control: Int32Array
  readonly u32: Uint32Array
  readonly f64: Float64Array
  readonly bytes: Buffer
  private readonly sizeWords: number
  private filled = 0
  private taken = 0
  private recordWord = 0

  constructor(memory: RingMemory) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4)
    this.u32 = new Uint32Array(memory, CONTROL_BYTES)
    this.f64 = new Float64Array(memory, CONTROL_BYTES)
    this.bytes = Buffer.from(memory, CONTROL_BYTES)
    this.sizeWords = (memory.byteLength - CONTROL_BYTES) / WORD
  }

  /** Words not yet taken by the writer. */
  get usedWords(): number {
    this.taken += (Atomics.load(this.control, CTL.taken) - this.taken) | 0
    return this.filled - this.taken
  }

  /** Room for a payload of `bytes` while leaving `reserveWords` free? */
  hasRoom(bytes: number, reserveWords: number): boolean {
    const words = recordWords(bytes)
    // A record may have to skip the ring's end: at most its own length is lost.
    return this.usedWords + 2 * words + 1 + reserveWords <= this.sizeWords
  }

  /** Byte offset for a payload of at most `bytes`; -1 when there is no room. */
  begin(bytes: number, reserveWords: number): number {
    if (!this.hasRoom(bytes, reserveWords)) return -1
    const words = recordWords(bytes)
    let at = this.filled % this.sizeWords
    if (at + words > this.sizeWords) {
      this.u32[at * 2] = SKIP
      this.filled += this.sizeWords - at
      at = 0
    }
    this.recordWord = at
    return at * WORD + RECORD_HEADER_BYTES
  }

  /** Publishes the record begun last. */
  end(kind: number, payloadBytes: number): void {
    this.u32[this.recordWord * 2] = payloadBytes
    this.u32[this.recordWord * 2 + 1] = kind
    this.filled += recordWords(payloadBytes)
    Atomics.store(this.control, CTL.written, this.filled | 0)
  }

  get sizeBytes(): number {
    return this.sizeWords * WORD
  }
}

/** The taking end. */
export class RingTaker {
  readonly control: Int32Array
  /** Records in the span that `take` returned. */
  count = 0
  private readonly u32: Uint32Array
  private readonly bytes: Uint8Array
  private readonly sizeWords: number
  private taken = 0

  constructor(memory: RingMemory) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4)
    this.u32 = new Uint32Array(memory, CONTROL_BYTES)
    this.bytes = new Uint8Array(memory, CONTROL_BYTES)
    this.sizeWords = (memory.byteLength - CONTROL_BYTES) / WORD
  }

  /** Whole records that lie together, at most about `bytesMax`, and `count`; null when there are none. Then `release`. */
  take(bytesMax: number): Uint8Array | null {
    let words = (Atomics.load(this.control, CTL.written) - this.taken) | 0
    let at = this.taken % this.sizeWords
    if (words > 0 && this.u32[at * 2] === SKIP) {
      words -= this.sizeWords - at
      this.taken += this.sizeWords - at
      at = 0
    }
    if (words <= 0) return null
    let end = at
    this.count = 0
    while (end - at < words && end < this.sizeWords && (end - at) * WORD < bytesMax) {
      const bytes = this.u32[end * 2]!
      if (bytes === SKIP) break
      end += recordWords(bytes)
      this.count++
    }
    this.taken += end - at
    return this.bytes.subarray(at * WORD, end * WORD)
  }

  /** Gives what was taken back to the filling end. */
  release(): void {
    Atomics.store(this.control, CTL.taken, this.taken | 0)
  }
}

function recordWords(payloadBytes: number): number {
  return 1 + ((payloadBytes + 7) >>> 3)
}
