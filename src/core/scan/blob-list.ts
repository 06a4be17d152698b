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

  constructor(lines: readonly string[]) {
    this.lines = lines
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

  /** All ids in binary, one after another. */
  get ids(): Buffer {
    const { digits } = this
    return Buffer.from(this.lines.map((line) => line.slice(0, digits)).join(''), 'hex')
  }

  private line(n: number): string {
    return this.lines[n] ?? ''
  }
}

/** From the lines of another list. */
export function blobListOf(lines: string): BlobList {
  return new BlobList(lines.split('\n'))
}

/** What `rev-list --objects --missing=print` printed: the objects it has, and the ids of those it lacks. */
export function readBlobList(printed: string): { readonly list: BlobList; readonly missing: readonly string[] } {
  const lines = printed.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (!printed.startsWith('?') && !printed.includes('\n?')) return { list: new BlobList(lines), missing: [] }
  const isMissing = (line: string) => line.startsWith('?')
  return {
    list: new BlobList(lines.filter((line) => !isMissing(line))),
    missing: lines.filter(isMissing).map((line) => line.slice(1)),
  }
}
