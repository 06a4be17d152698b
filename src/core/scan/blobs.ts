/**
 * Streams blobs out of `git cat-file --batch`: each object once, no patches, no diff parser. Missing objects are reported,
 * never skipped.
 */
import { once } from 'node:events'
import { gitProcess } from './git.ts'

export interface BlobSink {
  begin: (oid: string, size: number) => void
  push: (chunk: Buffer) => void
  end: () => void
  missing: (oid: string) => void
  /** The object is of another type: a damaged one may say so. */
  readonly other?: (oid: string, type: string) => void
}

/** Reads `oids` from the repository at `cwd` into `sink`. Rejects when git itself fails. */
export async function readBlobs(cwd: string, oids: readonly string[], sink: BlobSink): Promise<void> {
  if (oids.length === 0) return
  const child = gitProcess(cwd, ['cat-file', '--batch', '--buffer'])
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('git has no pipes')
  let complaint = ''
  stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 2000) complaint += chunk.toString('utf8')
  })
  const parser = new BatchParser(sink)
  const closed = once(child, 'close')
  // git may die first; its exit code says so below.
  stdin.on('error', () => undefined)
  feed(stdin, oids)
  stdout.on('data', (chunk: Buffer) => parser.push(chunk))
  const [status] = (await closed) as [number | null]
  if (status !== 0 || !parser.isIdle) throw new Error(complaint.trim() || `git cat-file ended with ${status}`)
}

function feed(stdin: NodeJS.WritableStream, oids: readonly string[]): void {
  let at = 0
  const more = () => {
    while (at < oids.length) {
      const part = oids.slice(at, at + 4096)
      at += part.length
      if (!stdin.write(`${part.join('\n')}\n`)) {
        stdin.once('drain', more)
        return
      }
    }
    stdin.end()
  }
  more()
}

/** `<oid> <type> <size>\n<bytes>\n` again and again, cut anywhere. */
class BatchParser {
  private readonly sink: BlobSink
  private header = ''
  private left = 0
  private isInBody = false
  private isBlob = false

  constructor(sink: BlobSink) {
    this.sink = sink
  }

  get isIdle(): boolean {
    return !this.isInBody && this.header === ''
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) at = this.isInBody ? this.body(chunk, at) : this.head(chunk, at)
  }

  private head(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(0x0a, at)
    this.header += chunk.toString('latin1', at, newline < 0 ? chunk.length : newline)
    if (newline < 0) return chunk.length
    const [oid = '', type = '', size] = this.header.split(' ')
    this.header = ''
    if (size === undefined) {
      this.sink.missing(oid)
      return newline + 1
    }
    this.isInBody = true
    this.isBlob = type === 'blob'
    this.left = Number(size) + 1
    if (this.isBlob) this.sink.begin(oid, this.left - 1)
    else this.sink.other?.(oid, type)
    return newline + 1
  }

  /** The body and the newline after it. */
  private body(chunk: Buffer, at: number): number {
    const count = Math.min(this.left, chunk.length - at)
    const content = this.left > count ? count : count - 1
    if (this.isBlob && content > 0) this.sink.push(chunk.subarray(at, at + content))
    this.left -= count
    if (this.left === 0) {
      this.isInBody = false
      if (this.isBlob) this.sink.end()
    }
    return at + count
  }
}
