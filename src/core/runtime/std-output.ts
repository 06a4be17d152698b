/**
 * Standard output of a run. A reader that went away (a closed pipe) ends nothing: the run goes on, and its lines are
 * dropped. Output that cannot be written ends the run in order, with what to do about it; it is never a crash.
 */
import type { Writable } from 'node:stream'
import { MmError } from '../errors.ts'

export class StdOutput {
  /** Resolves when text could not be written; never, when that does not happen. */
  readonly failed: Promise<MmError>
  private readonly stream: Writable
  private failure: MmError | null = null
  private fail: (error: MmError) => void = () => undefined

  /** Takes over the stream's errors from whoever listened before. */
  constructor(stream: Writable) {
    this.stream = stream
    this.failed = new Promise((resolve) => {
      this.fail = resolve
    })
    stream.removeAllListeners('error')
    stream.on('error', (error) => this.lost(error))
  }

  write(text: string): void {
    if (this.failure === null) this.stream.write(text)
  }

  /** Why something written until now was lost; null when nothing was. */
  flushed(): Promise<MmError | null> {
    if (this.failure !== null || this.stream.destroyed) return Promise.resolve(this.failure)
    return new Promise((resolve) => {
      this.stream.write('', () => setImmediate(() => resolve(this.failure)))
    })
  }

  private lost(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE') return
    this.failure ??= new MmError('OUTPUT_WRITE', { stream: 'stdout', reason: error.message }, error)
    this.fail(this.failure)
  }
}
