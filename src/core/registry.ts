/**
 * A folder is a registry: every file in it is one pack, whose id is the file's name. Nothing is listed by hand anywhere,
 * so a pack cannot be forgotten, and a name in a configuration leads to exactly one file.
 */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invariant } from './domain/invariant.ts'

interface WithId {
  readonly id: string
}

/** Names of the files of a folder (`new URL('./rules/', import.meta.url)`), without extension, sorted. */
export function packNames(folder: URL): string[] {
  return readdirSync(fileURLToPath(folder))
    .filter((name) => /^[a-z0-9-]+\.(?:ts|js)$/.test(name))
    .map((name) => basename(name, name.slice(-3)))
    .sort()
}

/** Imports every file of the folder and gives its `pack` by id. `isPack` says whether an export has the right shape. */
export async function loadPacks<T extends WithId>(
  folder: URL,
  isPack: (candidate: unknown) => candidate is T,
): Promise<ReadonlyMap<string, T>> {
  const extension = import.meta.url.slice(-3)
  const packs = new Map<string, T>()
  for (const name of packNames(folder)) {
    const { pack } = (await import(new URL(`${name}${extension}`, folder).href)) as { pack?: unknown }
    invariant(isPack(pack), `${name}${extension} exports no pack of the right shape`)
    invariant(pack.id === name, `${name}${extension} calls itself ${pack.id}: id and file name must be equal`)
    packs.set(name, pack)
  }
  return packs
}

/** The candidate nearest to `word` by edits, when it is near enough to be what was meant; null otherwise. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null
  let bestEdits = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const [from, to] = [word.toLowerCase(), candidate.toLowerCase()]
    // What was begun and not finished is as good as one edit.
    const edits =
      from.length >= 3 && to.startsWith(from) ? Math.min(1, to.length - from.length) : editDistance(from, to)
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits]
  }
  return best
}

/** " (did you mean …?)", or '' when nothing is near: ready to be put behind an unknown name. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const match = nearest(word, candidates)
  return match === null ? '' : ` (did you mean ${match}?)`
}

// Levenshtein with adjacent swaps counted once; two rows suffice without swaps, three with.
function editDistance(from: string, to: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: to.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1
      let edits = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (isSwap) edits = Math.min(edits, (before[j - 2] ?? 0) + 1)
      row.push(edits)
    }
    ;[before, previous] = [previous, row]
  }
  return previous[to.length] ?? 0
}
