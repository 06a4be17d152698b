/**
 * Scans what is about to be committed: the blobs of the index, not the files on disk. Whole blobs are read, so that pairs and
 * decoders see everything; reported is what stands on lines the commit adds.
 */
import { readBlobs } from './blobs.ts'
import { narrowed } from './decoders.ts'
import { reason } from './file-scan.ts'
import { type GitAnswer, GITLINK, type Repository, splitNul } from './git.ts'
import type { Session } from './session.ts'
import { LINE_MAX, type SourceHit } from './windows.ts'

interface Change {
  readonly path: string
  readonly oid: string
  readonly oldOid: string
  /** The path is not in HEAD. */
  readonly isNew: boolean
}

export async function scanStaged(session: Session, { root, isBare }: Repository, answer: GitAnswer): Promise<void> {
  const { coverage } = session
  if (isBare) {
    coverage.miss(root, 'a bare repository has no index')
    return
  }
  if (answer.status !== 0) {
    coverage.miss(root, `git diff failed: ${answer.stderr.trim().slice(0, 200)}`)
    return
  }
  const changes = parseChanges(answer.stdout, session)
  const byOid = new Map<string, Change[]>()
  for (const change of changes) byOid.set(change.oid, [...(byOid.get(change.oid) ?? []), change])
  for (const { path, isNew } of changes) if (isNew) session.name(path)
  const hits = await scanOids(session, root, byOid)
  const old = await oldTexts(
    session,
    root,
    hits.map(({ change }) => change.oldOid).filter((oid) => !NO_OBJECT.test(oid)),
  )
  for (const { change, found } of hits) {
    const known = old.get(change.oldOid)
    for (const hit of found)
      if (known === undefined || !stoodIn(known, hit)) session.add(hit, change.path, { blob: change.oid })
  }
}

const NO_OBJECT = /^0+$/

/** `:oldmode newmode oldoid newoid status` NUL `path` NUL. */
function parseChanges(bytes: Buffer, session: Session): Change[] {
  const fields = splitNul(bytes)
  const out: Change[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, mode, oldOid = '', oid = ''] = (fields[i] ?? Buffer.alloc(0)).toString('latin1').split(' ')
    const path = (fields[i + 1] ?? Buffer.alloc(0)).toString('utf8')
    if (mode === GITLINK) session.coverage.skip(path, 'submodule: scanned in its own repository')
    else if (NO_OBJECT.test(oid))
      session.coverage.miss(path, 'not merged: the index has no content that could be committed')
    else out.push({ path, oid, oldOid, isNew: NO_OBJECT.test(oldOid) })
  }
  return out
}

interface ChangeHits {
  readonly change: Change
  readonly found: readonly SourceHit[]
}

async function scanOids(
  session: Session,
  root: string,
  byOid: ReadonlyMap<string, readonly Change[]>,
): Promise<ChangeHits[]> {
  const { windows, coverage } = session
  const out: ChangeHits[] = []
  let current: readonly Change[] = []
  const sink = {
    begin: (oid: string, size: number) => {
      current = byOid.get(oid) ?? []
      coverage.blobs++
      coverage.bytes += size
      windows.begin(current[0]?.path ?? oid)
    },
    push: (chunk: Buffer) => windows.push(chunk),
    end: () => {
      const found = windows.end()
      if (windows.isBinary) coverage.binaries++
      if (found.length > 0) for (const change of current) out.push({ change, found })
    },
    missing: (oid: string) => coverage.miss(oid, 'object is missing'),
  }
  try {
    await readBlobs(root, [...byOid.keys()], sink)
  } catch (error) {
    coverage.miss(root, `git cat-file failed: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`)
  }
  return out
}

const OLD_MAX = 32 << 20

/** Blobs that the commit replaces, between line ends; only asked for where something was found. */
async function oldTexts(session: Session, root: string, oids: readonly string[]): Promise<Map<string, string>> {
  const out = new Map<string, string>()
  let oid = ''
  let parts: Buffer[] = []
  let size = 0
  try {
    await readBlobs(root, [...new Set(oids)], {
      begin: (id) => {
        oid = id
        parts = []
        size = 0
      },
      push: (chunk) => {
        size += chunk.length
        if (size <= OLD_MAX) parts.push(Buffer.from(chunk))
      },
      end: () => {
        const bytes = Buffer.concat(parts)
        // UTF-16 as the windows read it.
        out.set(oid, `\n${(narrowed(bytes) ?? bytes).toString('latin1')}\n`)
      },
      missing: () => undefined,
    })
  } catch (error) {
    // Without the old text every line counts as added.
    session.coverage.miss(root, `git cat-file failed: ${reason(error).slice(0, 200)}`)
  }
  return out
}

/** Whether the lines of the hit (a key block has many) stood so in the old text. A cut line has no ends to compare. */
function stoodIn(old: string, { lineText }: SourceHit): boolean {
  return old.includes(lineText.length < LINE_MAX ? `\n${lineText}\n` : lineText)
}
