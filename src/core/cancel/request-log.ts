/**
 * Every request of an emergency cancel as evidence: what was asked, when by which clock, what was answered. Each row
 * carries the hash of the one before, so that a row removed or changed later shows. Holds no key and no signature.
 */
import { createHash } from 'node:crypto'

export interface RequestRow {
  readonly seq: number
  readonly method: string
  readonly path: string
  /** Unit label or purpose. */
  readonly unit: string
  readonly sentMs: number
  readonly receivedMs: number | null
  /** The exchange's own stamp on the reply. */
  readonly serverMs: number | null
  readonly httpStatus: number | null
  readonly retCode: number | null
  /** In our words: ok, refused, limited, banned, denied, lost and why. */
  readonly outcome: string
  readonly traceId: string
  /** Remaining quota and its reset as the headers gave them, '' when absent. */
  readonly limitStatus: string
  readonly limitResetMs: string
  readonly hash: string
}

export class RequestLog {
  readonly rows: RequestRow[] = []
  private last = ''.padStart(64, '0')

  add(row: Omit<RequestRow, 'seq' | 'hash'>): void {
    const numbered = { seq: this.rows.length + 1, ...row }
    this.last = chained(this.last, numbered)
    this.rows.push({ ...numbered, hash: this.last })
  }

  /** Hash of the last row: it stands for all of them. */
  get head(): string {
    return this.last
  }
}

/** True when no row was changed, removed or reordered. */
export function isIntact(rows: readonly RequestRow[]): boolean {
  let previous = ''.padStart(64, '0')
  return rows.every(({ hash, ...row }) => {
    previous = chained(previous, row)
    return hash === previous
  })
}

function chained(previous: string, row: Omit<RequestRow, 'hash'>): string {
  return createHash('sha256').update(previous).update(JSON.stringify(row)).digest('hex')
}
