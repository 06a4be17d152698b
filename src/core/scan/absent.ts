/**
 * Tracked files that are not in the working tree: deleted there, or left out by a sparse checkout. The next commit keeps what
 * the index holds of them, so they are read from the index; and a tree of which nothing could be read is not a clean one.
 */
import { lstatSync } from 'node:fs'
import { scanBlobs } from './blob-scan.ts'
import { ABSENT, codeOf } from './file-scan.ts'
import { isFolder, type NestedTree } from './file-list.ts'
import { gitLater, GITLINK, indexEntries, type Repository } from './git.ts'
import type { Session } from './session.ts'

/** The trees whose index may hold what the folders do not. */
export interface AbsentOptions {
  readonly repository: Repository
  readonly nested: readonly NestedTree[]
  /** Narrows it to the paths of the command. */
  readonly isWanted: (path: string) => boolean
}

/** Reads what the scan of the files found absent. */
export async function scanAbsent(session: Session, { repository, nested, isWanted }: AbsentOptions): Promise<void> {
  const { skipped } = session.coverage
  const absent = skipped.get(ABSENT)
  if (absent === undefined) return
  skipped.delete(ABSENT)
  let found = 0
  for (const tree of [{ root: repository.root, name: '' }, ...nested]) found += await scanIndex(session, tree, isWanted)
  // Gone since the files were listed, and in no index.
  if (found < absent) skipped.set(ABSENT, absent - found)
}

/** Reads the blobs of one index that have no file; returns their number. */
async function scanIndex(
  session: Session,
  { root, name }: NestedTree,
  isWanted: (path: string) => boolean,
): Promise<number> {
  const { coverage } = session
  const isNested = name !== ''
  const answer = await gitLater(root, ['ls-files', '-z', '--stage'], isNested)
  if (answer.status !== 0) {
    coverage.miss(root, `git ls-files failed: ${answer.stderr.trim().slice(0, 200)}`)
    return 0
  }
  const folders = new Folders(root)
  const blobs: [oid: string, path: string][] = []
  for (const { mode, oid, path } of indexEntries(answer.stdout)) {
    const file = path.toString('utf8')
    const isKept = mode !== GITLINK && isWanted(`${root}/${file}`)
    if (!isKept || (isThere(Buffer.concat([Buffer.from(`${root}/`), path])) && folders.areReal(file))) continue
    const shown = isNested ? `${name}/${file}` : file
    blobs.push([oid, shown])
    coverage.skip(shown, 'not in the working tree: read from the index')
  }
  await scanBlobs(session, root, blobs)
  return blobs.length
}

/** Where git lists no file, or a folder has none, nothing can be said. */
export function insistOnInput({ coverage }: Session, place: string, isListed: boolean): void {
  if (coverage.files + coverage.blobs + coverage.unreadCount > 0) return
  const why = isListed ? 'git lists no file of this folder, tracked or untracked' : 'there is no file here'
  coverage.miss(place, `${why}: nothing was read`)
}

/** Folders of a tree; each is looked at once. */
class Folders {
  private readonly root: string
  private readonly known = new Map<string, boolean>()

  constructor(root: string) {
    this.root = root
  }

  /** Whether every folder above `path` is one, and no link. */
  areReal(path: string): boolean {
    const slash = path.lastIndexOf('/')
    if (slash < 0) return true
    const folder = path.slice(0, slash)
    const known = this.known.get(folder)
    if (known !== undefined) return known
    const isReal = isFolder(`${this.root}/${folder}`) && this.areReal(folder)
    this.known.set(folder, isReal)
    return isReal
  }
}

function isThere(path: Buffer): boolean {
  try {
    // A folder where the index has a file: the file is gone.
    return !lstatSync(path).isDirectory()
  } catch (error) {
    const code = codeOf(error)
    // Anything but absence was named when the file was to be opened.
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}
