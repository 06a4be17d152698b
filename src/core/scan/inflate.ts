/**
 * @hot Inflates many small streams into buffers that are there already. `inflateSync` builds and drops a whole stream object per
 * call, five times the work of unpacking a small delta; so one stream is kept and driven through its handle, as npm's own
 * minizlib does. Where Node has no such handle, `inflateSync` does the same.
 */
import { createInflate, constants, inflateSync } from 'node:zlib'

/** What Node keeps behind a zlib stream. */
interface Handle {
  readonly writeSync: (
    flush: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    out: Uint8Array,
    outFrom: number,
    outLength: number,
  ) => void
  readonly reset: () => void
  readonly onerror: (message: string, code: number, name: string) => void
}

export class Inflater {
  private readonly handle: Handle | undefined
  /** Room left in the output and bytes left of the input, after each call. */
  private readonly state: Uint32Array
  private hasFailed = false

  /** With `isPlain`, always by `inflateSync`. */
  constructor(isPlain = false) {
    const stream: unknown = createInflate()
    const state = inside(stream, '_writeState')
    const handle = inside(stream, '_handle')
    const isKnown = !isPlain && isHandle(handle) && state instanceof Uint32Array && state.length === 2
    this.handle = isKnown ? handle : undefined
    this.state = isKnown ? state : new Uint32Array(2)
    if (this.handle !== undefined)
      Reflect.set(this.handle, 'onerror', () => {
        this.hasFailed = true
      })
  }

  /** Writes the `size` bytes that `packed` from `from` on unpacks to into `out`, which must be longer; false when they are not `size`. */
  inflate(packed: Uint8Array, from: number, out: Uint8Array, size: number): boolean {
    const { handle } = this
    if (handle === undefined) return plainly(packed, from, out, size)
    this.hasFailed = false
    handle.reset()
    // One byte more than wanted: with room left, no error means that the stream came to its end and its sum is right.
    handle.writeSync(constants.Z_FINISH, packed, from, packed.length - from, out, 0, size + 1)
    return !this.hasFailed && this.state[0] === 1
  }
}

function plainly(packed: Uint8Array, from: number, out: Uint8Array, size: number): boolean {
  try {
    const bytes = inflateSync(packed.subarray(from), { maxOutputLength: Math.max(64, size + 1) })
    if (bytes.length !== size) return false
    out.set(bytes)
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return false
  }
}

function inside(stream: unknown, name: string): unknown {
  return typeof stream === 'object' && stream !== null ? Reflect.get(stream, name) : undefined
}

function isHandle(handle: unknown): handle is Handle {
  return ['writeSync', 'reset', 'onerror'].every((name) => typeof inside(handle, name) === 'function')
}
