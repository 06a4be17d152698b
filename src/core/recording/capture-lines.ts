/**
 * A gzip-compressed capture as lines: streams, so memory does not depend on the file, and gives each line with its number
 * and byte offset (unpacked, from 0), which is what an error must name. Refuses what no capture holds: lines beyond
 * 8 MiB, nesting beyond 64 levels, bytes after the gzip data. Knows nothing of what the lines say.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { fail, messageOf, MmError } from '../errors.ts'

export const LINE_BYTES_MAX = 8 << 20
export const NESTING_MAX = 64

export interface LineAt {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** Of its first byte in the unpacked text. */
  readonly offset: number
}

export interface CaptureEnd {
  readonly lines: number
  readonly bytes: number
  /** Of the compressed file. */
  readonly sha256: string
}

/** Bytes of the compressed file read so far, and its size. */
export type CaptureProgress = (done: number, total: number) => void

/** Calls `onLine` for each line without its newline; what it throws ends the reading. */
export async function eachCaptureLine(
  file: string,
  onLine: (text: string, at: LineAt) => void,
  onProgress: CaptureProgress = () => {},
): Promise<CaptureEnd> {
  const total = await checkGzip(file)
  const splitter = new LineSplitter(file, onLine)
  const hash = createHash('sha256')
  const raw = createReadStream(file, { highWaterMark: 1 << 18 })
  const gunzip = createGunzip({ chunkSize: 1 << 18 })
  let read = 0
  raw.on('data', (chunk) => {
    hash.update(chunk)
    read += chunk.length
    onProgress(read, total)
  })
  raw.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of raw.pipe(gunzip)) splitter.push(chunk as Buffer)
  } catch (error) {
    splitter.refuse(error)
  } finally {
    raw.destroy()
  }
  splitter.end()
  if (gunzip.bytesWritten < total) {
    const reason = `${total - gunzip.bytesWritten} bytes follow the end of the gzip data`
    fail('IMPORT_DAMAGED', { ...splitter.at(), reason })
  }
  return { lines: splitter.lines, bytes: total, sha256: hash.digest('hex') }
}

async function checkGzip(file: string): Promise<number> {
  try {
    const handle = await open(file)
    try {
      const status = await handle.stat()
      if (!status.isFile()) return fail('IMPORT_UNREADABLE', { file, reason: 'it is no regular file' })
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
      const head = buffer.subarray(0, bytesRead)
      if (head[0] === 0x1f && head[1] === 0x8b) return status.size
      return fail('IMPORT_NOT_GZIP', { file, found: bytesRead === 0 ? 'nothing' : `bytes ${head.toString('hex')}` })
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof MmError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') fail('IMPORT_MISSING', { file }, error)
    if (code !== undefined && /^E[A-Z]+$/.test(code)) fail('IMPORT_UNREADABLE', { file, reason: code }, error)
    throw error
  }
}

const NEWLINE = 10
const QUOTE = 34
const BACKSLASH = 92
const OPENERS = new Set([91, 123])
const CLOSERS = new Set([93, 125])

class LineSplitter {
  lines = 0
  private readonly file: string
  private readonly onLine: (text: string, at: LineAt) => void
  private rest: Buffer = Buffer.alloc(0)
  /** Of the first byte of the line being collected. */
  private offset = 0

  constructor(file: string, onLine: (text: string, at: LineAt) => void) {
    this.file = file
    this.onLine = onLine
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end)
      this.emit(this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]), 1)
      this.rest = Buffer.alloc(0)
      start = end + 1
    }
    if (start === chunk.length) return
    this.rest = Buffer.concat([this.rest, chunk.subarray(start)])
    if (this.rest.length > LINE_BYTES_MAX) this.tooLong()
  }

  end(): void {
    if (this.rest.length > 0) this.emit(this.rest, 0)
    this.rest = Buffer.alloc(0)
  }

  at(): LineAt {
    return { file: this.file, line: this.lines, offset: this.offset + this.rest.length }
  }

  /** What broke the stream, in our words; errors of `onLine` pass. */
  refuse(error: unknown): never {
    const { code } = error as { code?: unknown }
    if (code === 'Z_BUF_ERROR') fail('IMPORT_TRUNCATED', { ...this.at() }, error)
    if (typeof code === 'string' && code.startsWith('Z_')) {
      fail('IMPORT_DAMAGED', { ...this.at(), reason: messageOf(error) }, error)
    }
    throw error
  }

  private emit(bytes: Buffer, newlineBytes: number): void {
    if (bytes.length > LINE_BYTES_MAX) this.tooLong()
    this.lines++
    const at = { file: this.file, line: this.lines, offset: this.offset }
    if (nesting(bytes) > NESTING_MAX) {
      fail('IMPORT_LINE', { ...at, what: `the frame is nested deeper than ${NESTING_MAX} levels` })
    }
    this.onLine(bytes.toString('utf8'), at)
    this.offset += bytes.length + newlineBytes
  }

  private tooLong(): never {
    const what = `the line is longer than ${LINE_BYTES_MAX} bytes`
    fail('IMPORT_LINE', { file: this.file, line: this.lines + 1, offset: this.offset, what })
  }
}

/** Deepest nesting of brackets outside strings: looked at before any parser recurses into the frame. */
function nesting(bytes: Buffer): number {
  let depth = 0
  let deepest = 0
  let inText = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (inText) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (OPENERS.has(byte)) deepest = Math.max(deepest, ++depth)
    else if (CLOSERS.has(byte)) depth--
  }
  return deepest
}
