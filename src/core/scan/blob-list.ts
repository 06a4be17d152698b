/**
 * The blobs of a history as git listed them: an id and a path a line. Kept as lines and cut only when asked: most blobs are
 * scanned in less time than a map of them takes to be made.
 */

/** Object id and path. */
export type Blob = readonly [oid: string, path: string]

export class BlobList {
  /** Id, blank, path. */
  readonly lines: readonly string[]
  /** Hexadecimal digits of an object id: 40 or 64. */
  readonly digits: number
  private readonly asText: string | undefined
  private inBinary: Buffer | undefined

  /** `text`: the lines with a line feed between them, when somebody has it. */
  constructor(lines: readonly string[], text?: string) {
    this.lines = lines
    this.asText = text
    this.digits = lines[0]?.split(' ', 1)[0]?.length ?? 0
  }

  get count(): number {
    return this.lines.length
  }

  idOf(n: number): string {
    return this.line(n).slice(0, this.digits)
  }

  pathOf(n: number): string {
    return this.line(n).slice(this.digits + 1)
  }

  /** The lines with a line feed between them. */
  get text(): string {
    return this.asText ?? this.lines.join('\n')
  }

  /** All ids in binary, one after another. */
  get ids(): Buffer {
    const { digits } = this
    return (this.inBinary ??= Buffer.from(this.lines.map((line) => line.slice(0, digits)).join(''), 'hex'))
  }

  /** The ids in binary of those for which `isWanted` holds. */
  idsWhere(isWanted: (n: number) => boolean): Buffer {
    const { ids, digits } = this
    const width = digits / 2
    const out = Buffer.allocUnsafe(ids.length)
    let length = 0
    // Most are: those side by side are copied as one.
    let from = -1
    for (let n = 0; n <= this.count; n++) {
      const isIn = n < this.count && isWanted(n)
      if (isIn && from < 0) from = n
      if (isIn || from < 0) continue
      length += ids.copy(out, length, from * width, n * width)
      from = -1
    }
    return out.subarray(0, length)
  }

  private line(n: number): string {
    return this.lines[n] ?? ''
  }
}

/** From the lines of another list. */
export function blobListOf(lines: string): BlobList {
  return new BlobList(lines.split('\n'), lines)
}

/** What `rev-list --objects --missing=print` printed: the objects it has, and the ids of those it lacks. */
export function readBlobList(printed: string): { readonly list: BlobList; readonly missing: readonly string[] } {
  const text = printed.endsWith('\n') ? printed.slice(0, -1) : printed
  const lines = text === '' ? [] : text.split('\n')
  if (!printed.startsWith('?') && !printed.includes('\n?')) return { list: new BlobList(lines, text), missing: [] }
  const isMissing = (line: string) => line.startsWith('?')
  return {
    list: new BlobList(lines.filter((line) => !isMissing(line))),
    missing: lines.filter(isMissing).map((line) => line.slice(1)),
  }
}
