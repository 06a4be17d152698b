/** Scans blobs out of git into a session: on the main thread and on a helping one. */
import { readBlobs } from './blobs.ts'
import type { Session } from './session.ts'

/** Objects in a row at which git ended: then it is not the objects. */
const FAILURES_MAX = 64

/** Scans `blobs` (object id, path); returns the ids of those without hits. What cannot be read goes to the coverage. */
export async function scanBlobs(
  session: Session,
  root: string,
  blobs: readonly (readonly [string, string])[],
): Promise<string[]> {
  const { windows, coverage } = session
  const clean: string[] = []
  const paths = new Map(blobs)
  let current = ''
  let size = 0
  let done = 0
  const sink = {
    begin: (oid: string, length: number) => {
      current = oid
      size = length
      windows.begin(paths.get(oid) ?? '')
    },
    push: (chunk: Buffer) => windows.push(chunk),
    end: () => {
      done++
      coverage.blobs++
      coverage.bytes += size
      const hits = windows.end()
      if (windows.isBinary) coverage.binaries++
      if (hits.length === 0) clean.push(current)
      for (const hit of hits) session.add(hit, paths.get(current) || current, { blob: current })
    },
    other: (oid: string, type: string) => {
      done++
      coverage.miss(oid, `object is no blob: git calls it a ${type}`)
    },
    missing: (oid: string) => {
      done++
      coverage.miss(oid, 'object is missing in this clone')
    },
  }
  let left = [...paths.keys()]
  for (let failures = 0; left.length > 0; left = left.slice(done)) {
    done = 0
    try {
      await readBlobs(root, left, sink)
      return clean
    } catch (error) {
      failures = done === 0 ? failures + 1 : 0
      const why = `git cat-file failed: ${plainReason(error)}`
      // git ends at a damaged object: the next one may be whole.
      coverage.miss(left[done] ?? root, why)
      done++
      if (failures < FAILURES_MAX) continue
      for (const oid of left.slice(done)) coverage.miss(oid, why)
      return clean
    }
  }
  return clean
}

function plainReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 200)
}
