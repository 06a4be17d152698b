/**
 * Removes journals that nothing needs any more. Never the newest runs, and never the last run of a venue: the next start
 * there reads from it which orders may still be open.
 */
import { closeSync, openSync, readdirSync, readSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parseSegmentName } from './journal-format.ts'
import { listEpochs, scanSegment } from './journal-reader.ts'
import { decodeRecord } from './journal-records.ts'

export interface KeepLimits {
  readonly runs: number
  readonly bytes: number
}

export const KEEP: KeepLimits = { runs: 20, bytes: 2 ** 30 }
/** The run that writes now, and the one before it. */
const NEWEST = 2
const HEAD_BYTES = 2 ** 20

/** Keeps the newest runs within both limits; returns the epochs that were removed. Throws what the system says. */
export function pruneJournals(dir: string, limits: KeepLimits = KEEP): readonly string[] {
  const newestFirst = listEpochs(dir).reverse()
  let bytes = 0
  const isOver = newestFirst.map((epoch, index) => {
    for (const file of filesOf(dir, epoch)) bytes += statSync(file).size
    return index >= NEWEST && (index >= limits.runs || bytes > limits.bytes)
  })
  if (!isOver.includes(true)) return []
  const venues = new Set<string>()
  return newestFirst.filter((epoch, index) => {
    const venue = venueOf(dir, epoch)
    const isLastOfVenue = venue !== null && !venues.has(venue)
    if (venue !== null) venues.add(venue)
    if (isOver[index] !== true || isLastOfVenue) return false
    // From the end: what is left of a removal that was cut short still begins at its start.
    for (const file of filesOf(dir, epoch).reverse()) unlinkSync(file)
    return true
  })
}

function filesOf(dir: string, epoch: string): string[] {
  const names = readdirSync(dir).filter((name) => parseSegmentName(name)?.epoch === epoch)
  return names.sort().map((name) => join(dir, name))
}

/** The venue that a run traded on; null for one that never came to trade. What says so is its first record. */
function venueOf(dir: string, epoch: string): string | null {
  let venue: string | null = null
  const [first] = filesOf(dir, epoch)
  if (first === undefined) return null
  scanSegment(head(first), true, ({ kind, payload }) => {
    const decoded = venue === null ? decodeRecord(kind, payload) : null
    if (decoded?.type === 'run') ({ venue } = decoded.run)
  })
  return venue
}

function head(file: string): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  const fd = openSync(file, 'r')
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(fd)
  }
}
