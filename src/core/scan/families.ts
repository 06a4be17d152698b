/**
 * What there is to read in the packs, by families: an object that is stored whole and all that are stored as deltas against
 * it. Made once from the indexes and the headers of the entries; threads share it. What is not in it is left to git.
 */
import { join } from 'node:path'
import type { BlobList } from './blob-list.ts'
import { FamilyPlan, type FamilyTree } from './family-plan.ts'
import { openIndexes } from './pack-open.ts'

/** What threads share of a history. */
export interface Families extends FamilyTree {
  readonly packs: readonly { readonly pack: string }[]
  /** Bytes of an object id. */
  readonly width: number
  /** The lines of the list of blobs. */
  readonly lines: string
  readonly counter: Int32Array
  /** What became of each blob: see below. */
  readonly state: Uint8Array
  /** 1 for each blob whose path is not one of program code; set with its state. */
  readonly isConfig: Uint8Array
}

/** Not read here. */
export const LEFT = 0
export const CLEAN = 1
export const HIT = 2
/** Clean, because its base is and so is what differs. */
export const ALIKE = 3

/** The families of `blobs` in the packs of the repository; nothing when there is none. */
export function planFamilies(gitDir: string, blobs: BlobList): Families | undefined {
  const width = blobs.digits / 2
  // With object folders of its own, git looks elsewhere first.
  if ((width !== 20 && width !== 32) || process.env['GIT_OBJECT_DIRECTORY'] !== undefined) return undefined
  const indexes = openIndexes(join(gitDir, 'objects'), width)
  if (indexes.length === 0) return undefined
  const plan = new FamilyPlan(indexes, width)
  const { ids } = blobs
  // An id that is none would shift all that follow.
  if (ids.length !== blobs.count * width) return undefined
  const isTaken = new Uint8Array(blobs.count)
  for (const pack of indexes.keys()) plan.take(pack, ids, isTaken)
  const linked = plan.link()
  return (
    linked && {
      ...linked,
      packs: indexes.map(({ pack }) => ({ pack })),
      width,
      lines: blobs.text,
      counter: new Int32Array(new SharedArrayBuffer(4)),
      state: new Uint8Array(new SharedArrayBuffer(blobs.count)),
      isConfig: new Uint8Array(new SharedArrayBuffer(blobs.count)),
    }
  )
}
