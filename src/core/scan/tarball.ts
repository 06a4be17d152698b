/** Reads a packed npm tarball (tar in gzip) as a stream: entries go straight into the windows, nothing is unpacked to disk. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { reason } from './file-scan.ts'
import type { Session } from './session.ts'

const BLOCK = 512
/** Unpacked bytes after which the rest is reported as unread: a bomb, not a package. */
const UNPACKED_MAX = 4 * 2 ** 30

export async function scanTarball(session: Session, path: string): Promise<void> {
  const tar = new TarReader(session)
  const input = createReadStream(path)
  const unpacked = createGunzip()
  input.on('error', (error) => unpacked.destroy(error))
  try {
    for await (const chunk of input.pipe(unpacked)) {
      tar.push(chunk as Buffer)
      if (tar.total > UNPACKED_MAX) {
        session.coverage.miss(path, 'unpacks to more than 4 GiB')
        break
      }
    }
    if (!tar.isComplete) session.coverage.miss(path, 'tarball is cut short or holds no entry')
  } catch (error) {
    session.coverage.miss(path, `cannot unpack: ${reason(error)}`)
  }
}

class TarReader {
  total = 0
  private readonly session: Session
  private pending = Buffer.alloc(0)
  private name = ''
  private longName = ''
  private left = 0
  private padding = 0
  private kind: 'header' | 'file' | 'name' | 'skip' = 'header'
  private text: Buffer[] = []
  private entries = 0

  constructor(session: Session) {
    this.session = session
  }

  get isComplete(): boolean {
    return this.kind === 'header' && this.entries > 0
  }

  push(chunk: Buffer): void {
    this.total += chunk.length
    let at = 0
    while (at < chunk.length) {
      if (this.kind === 'header') at = this.header(chunk, at)
      else at = this.body(chunk, at)
    }
  }

  private header(chunk: Buffer, at: number): number {
    const need = BLOCK - this.pending.length
    const part = chunk.subarray(at, at + need)
    this.pending = Buffer.concat([this.pending, part])
    if (this.pending.length < BLOCK) return chunk.length
    const block = this.pending
    this.pending = Buffer.alloc(0)
    if (block.every((byte) => byte === 0)) return at + part.length
    this.open(block)
    return at + part.length
  }

  private open(block: Buffer): void {
    const field = (from: number, to: number) => block.toString('utf8', from, to).replace(/\0.*$/s, '')
    const type = String.fromCharCode(block[156] ?? 0)
    this.left = Number.parseInt(field(124, 136).trim() || '0', 8)
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK
    const prefix = field(345, 500)
    this.name = this.longName || (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`)
    if (type === 'x' || type === 'L') this.kind = 'name'
    else if (type === '0' || type === '\0' || type === '7') this.kind = 'file'
    else this.kind = 'skip'
    this.text = []
    if (this.kind !== 'name') this.longName = ''
    if (this.kind === 'file') this.beginFile()
    if (this.left === 0) this.close()
  }

  private beginFile(): void {
    const { session, name, left } = this
    this.entries++
    session.coverage.files++
    session.coverage.bytes += left
    session.windows.begin(name)
  }

  private body(chunk: Buffer, at: number): number {
    if (this.left > 0) {
      const part = chunk.subarray(at, at + this.left)
      if (this.kind === 'file') this.session.windows.push(part)
      if (this.kind === 'name') this.text.push(Buffer.from(part))
      this.left -= part.length
      if (this.left === 0) this.close()
      return at + part.length
    }
    const skipped = Math.min(this.padding, chunk.length - at)
    this.padding -= skipped
    if (this.padding === 0) this.kind = 'header'
    return at + skipped
  }

  private close(): void {
    const { session, name } = this
    if (this.kind === 'file') {
      for (const hit of session.windows.end()) session.add(hit, name)
      if (session.windows.isBinary) session.coverage.binaries++
    }
    if (this.kind === 'name') {
      const text = Buffer.concat(this.text).toString('utf8')
      this.longName = /\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? text.replace(/\0.*$/s, '')
    }
    if (this.padding === 0) this.kind = 'header'
    else this.kind = 'skip'
  }
}
