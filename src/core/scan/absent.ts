/**
 * Tracked files that are not in the working tree: deleted there, or left out by a sparse checkout. The next commit keeps what
 * the index holds of them, so they are read from the index; and a tree of which nothing could be read is not a clean one.
 */
import { lstatSync, readdirSync } from 'node:fs'
import { scanBlobs } from './blob-scan.ts'
import { ABSENT, codeOf } from './file-scan.ts'
import { git, GITLINK, indexEntries, type Repository } from './git.ts'
import type { Session } from './session.ts'

/** Reads what the scan of the files found absent. `isWanted` narrows it to the paths of the command. */
export async function scanAbsent(
  session: Session,
  { root }: Repository,
  isWanted: (path: string) => boolean,
): Promise<void> {
  const { coverage } = session
  if (!coverage.skipped.has(ABSENT)) return
  const answer = git(root, ['ls-files', '-z', '--stage'])
  if (answer.status !== 0) {
    coverage.miss(root, `git ls-files failed: ${answer.stderr.trim().slice(0, 200)}`)
    return
  }
  const blobs: [oid: string, path: string][] = []
  for (const { mode, oid, path } of indexEntries(answer.stdout)) {
    const name = path.toString('utf8')
    const isKept = mode !== GITLINK && isWanted(`${root}/${name}`)
    if (!isKept || isThere(Buffer.concat([Buffer.from(`${root}/`), path]))) continue
    blobs.push([oid, name])
    coverage.skip(name, 'not in the working tree: read from the index')
  }
  coverage.skipped.delete(ABSENT)
  await scanBlobs(session, root, blobs)
}

/** A tree with files of which git lists none: whatever hides them, it was not read. */
export function insistOnInput({ coverage }: Session, { root }: Repository): void {
  if (coverage.files + coverage.blobs + coverage.unreadCount > 0) return
  if (readdirSync(root).every((name) => name === '.git')) return
  coverage.miss(root, 'git lists no file of this folder, tracked or untracked: nothing was read')
}

function isThere(path: Buffer): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    const code = codeOf(error)
    // Anything but absence was named when the file was to be opened.
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}
