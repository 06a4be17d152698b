/** Reads a packed npm tarball (tar in gzip) as a stream: entries go straight into the windows, nothing is unpacked to disk. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { reason } from './file-scan.ts'
import type { Session } from './session.ts'
import { BLOCK, readHeader, readRecords, type TarHeader } from './tar-header.ts'

/** Unpacked bytes after which the rest is reported as unread: a bomb, not a package. */
const UNPACKED_MAX = 4 * 2 ** 30
/** Names and attributes longer than this are no package either. */
const META_MAX = 1 << 20

export async function scanTarball(session: Session, path: string): Promise<void> {
  const tar = new TarReader(session)
  const input = createReadStream(path)
  const unpacked = createGunzip()
  input.on('error', (error) => unpacked.destroy(error))
  try {
    for await (const chunk of input.pipe(unpacked)) {
      tar.push(chunk as Buffer)
      if (tar.total > UNPACKED_MAX) tar.fault = 'unpacks to more than 4 GiB'
      if (tar.fault !== '') break
    }
    tar.end()
    if (tar.fault !== '') session.coverage.miss(path, tar.fault)
  } catch (error) {
    tar.end()
    session.coverage.miss(path, `cannot unpack: ${reason(error)}`)
  }
}

class TarReader {
  total = 0
  /** Why the rest was not read. */
  fault = ''
  private readonly session: Session
  private pending = Buffer.alloc(0)
  private name = ''
  private left = 0
  private padding = 0
  private kind: 'header' | 'file' | 'long' | 'pax' | 'global' | 'skip' = 'header'
  private text: Buffer[] = []
  private entries = 0
  /** What extended headers say of the next entry, and of all. */
  private next: ReadonlyMap<string, string> = new Map()
  private all: ReadonlyMap<string, string> = new Map()

  constructor(session: Session) {
    this.session = session
  }

  push(chunk: Buffer): void {
    this.total += chunk.length
    let at = 0
    while (at < chunk.length && this.fault === '') {
      if (this.kind === 'header') at = this.header(chunk, at)
      else at = this.body(chunk, at)
    }
  }

  /** Nothing more comes: what was begun is closed, and said to be cut. */
  end(): void {
    if (this.kind === 'file' && this.left > 0) this.closeFile()
    const isWhole = this.kind === 'header' && this.pending.length === 0 && this.entries > 0
    if (!isWhole && this.fault === '') this.fault = 'tarball is cut short or holds no entry'
  }

  private header(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + BLOCK - this.pending.length)
    this.pending = Buffer.concat([this.pending, part])
    if (this.pending.length < BLOCK) return chunk.length
    const block = this.pending
    this.pending = Buffer.alloc(0)
    if (block.some((byte) => byte !== 0)) this.open(block)
    return at + part.length
  }

  private open(block: Buffer): void {
    const header = readHeader(block)
    if (header === undefined) {
      this.fault = 'no tar header where one should be'
      return
    }
    this.kind = kindOf(header.type)
    const isMeta = this.kind !== 'file' && this.kind !== 'skip'
    this.left = isMeta ? header.size : this.sizeOf(header)
    if (!Number.isSafeInteger(this.left) || (isMeta && this.left > META_MAX)) {
      this.fault = 'a tar header with an impossible size'
      return
    }
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK
    this.text = []
    if (!isMeta) this.begin(header)
    if (this.left === 0) this.close()
  }

  private sizeOf({ size }: TarHeader): number {
    const said = this.next.get('size') ?? this.all.get('size')
    return said === undefined ? size : /^\d{1,15}$/.test(said) ? Number(said) : Number.NaN
  }

  private begin(header: TarHeader): void {
    const { session, next, all } = this
    this.name = next.get('path') ?? all.get('path') ?? header.name
    const link = next.get('linkpath') ?? header.link
    this.next = new Map()
    this.entries++
    session.name(this.name)
    if (link !== '') session.name(link)
    if (this.kind === 'file') {
      session.coverage.files++
      session.windows.begin(this.name)
    } else if (header.type !== '5')
      session.coverage.skip(this.name, 'a link or device of the tarball: it has no content')
  }

  private body(chunk: Buffer, at: number): number {
    if (this.left > 0) {
      const part = chunk.subarray(at, at + this.left)
      if (this.kind === 'file') {
        this.session.windows.push(part)
        this.session.coverage.bytes += part.length
      } else if (this.kind !== 'skip') this.text.push(Buffer.from(part))
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
    const { session, kind } = this
    if (kind === 'file') this.closeFile()
    const text = Buffer.concat(this.text)
    if (kind === 'long') this.next = new Map([...this.next, ['path', text.toString('utf8').replace(/\0.*$/s, '')]])
    if (kind === 'pax') this.next = new Map([...this.next, ...readRecords(text)])
    if (kind === 'global') this.all = new Map([...this.all, ...readRecords(text)])
    // Attributes hold comments, too.
    if (kind === 'pax' || kind === 'global')
      for (const hit of session.bytes('', text)) session.add(hit, '(header of the tarball)')
    this.kind = this.padding === 0 ? 'header' : 'skip'
  }

  private closeFile(): void {
    const { session, name } = this
    for (const hit of session.windows.end()) session.add(hit, name)
    if (session.windows.isBinary) session.coverage.binaries++
  }
}

/** What nobody knows is read as a file. */
function kindOf(type: string): 'file' | 'long' | 'pax' | 'global' | 'skip' {
  if (type === 'L') return 'long'
  if (type === 'x' || type === 'X') return 'pax'
  if (type === 'g') return 'global'
  return '123456K'.includes(type) ? 'skip' : 'file'
}
