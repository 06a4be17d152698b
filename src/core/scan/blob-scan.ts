/** Scans blobs out of git into a session: on the main thread and on a helping one. */
import { readBlobs } from './blobs.ts'
import type { Session } from './session.ts'

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
  const sink = {
    begin: (oid: string, size: number) => {
      current = oid
      coverage.blobs++
      coverage.bytes += size
      windows.begin(paths.get(oid) ?? '')
    },
    push: (chunk: Buffer) => windows.push(chunk),
    end: () => {
      const hits = windows.end()
      if (windows.isBinary) coverage.binaries++
      if (hits.length === 0) clean.push(current)
      for (const hit of hits) session.add(hit, paths.get(current) || current, { blob: current })
    },
    other: (oid: string, type: string) => coverage.miss(oid, `object is no blob: git calls it a ${type}`),
    missing: (oid: string) => coverage.miss(oid, 'object is missing in this clone'),
  }
  try {
    await readBlobs(root, [...paths.keys()], sink)
  } catch (error) {
    coverage.miss(root, `git cat-file failed: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`)
  }
  return clean
}
