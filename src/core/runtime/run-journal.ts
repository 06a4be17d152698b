/** The journal of a run: opened with what says which code and which configuration wrote it, and kept from piling up. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { nodeDisk } from './disk.ts'
import { inlineJournal, type Journal, openJournal } from './journal.ts'
import { pruneJournals } from './journal-prune.ts'
import type { Log } from './log.ts'
import type { StateDir } from './state-dir.ts'
import type { Venue } from './venue.ts'

interface RunJournal {
  readonly state: StateDir
  readonly venue: Venue
  readonly epoch: string
  readonly config: LoadedConfig
  readonly root: string
}

export async function openRunJournal({ state, venue, epoch, config, root }: RunJournal): Promise<Journal> {
  const header = {
    epoch,
    createdMs: Math.floor(venue.clock.nowUs() / 1_000),
    buildHash: buildHash(root),
    configHash: config.hash,
  }
  const writer = { dir: state.journals, header, preallocate: !venue.isVirtual }
  // Under virtual time nothing waits for a disk, so nothing may be decided by how fast one is.
  return venue.isVirtual ? inlineJournal({ ...nodeDisk, sync: () => undefined }, writer) : openJournal(writer)
}

/** Room on the disk is no reason not to trade: what cannot be removed stays. */
export function pruneOld(state: StateDir, log: Log): void {
  try {
    const removed = pruneJournals(state.journals)
    if (removed.length > 0) log.info({ removed }, 'old journals removed')
  } catch (error) {
    log.warn({ err: error }, 'old journals could not be removed')
  }
}

/** What was built: the package and its lockfile say which code this is. */
function buildHash(root: string): string {
  const hash = createHash('sha256')
  hash.update(readFileSync(join(root, 'package.json')))
  hash.update(readFileSync(join(root, 'oclif.manifest.json')))
  return hash.digest('hex')
}
