/** A session on the embedded exchange under virtual time, without the command around it. */
import { join } from 'node:path'
import { loadConfig } from '../../src/core/config/load.ts'
import { nodeDisk } from '../../src/core/runtime/disk.ts'
import { inlineJournal } from '../../src/core/runtime/journal.ts'
import { openLog } from '../../src/core/runtime/log.ts'
import { allPacks, packSchemas } from '../../src/core/runtime/packs.ts'
import { Redactor } from '../../src/core/runtime/redact.ts'
import { Session } from '../../src/core/runtime/session.ts'
import type { SessionOptions } from '../../src/core/runtime/session-options.ts'
import type { JoinedExchange } from '../../src/core/runtime/venue.ts'
import { openVenue } from '../../src/core/runtime/venues.ts'

const SYMBOLS = ['BTCUSDT']
const EPOCH = '0000001'
export const QUOTING_US = 12_000_000

export async function scene(dir: string) {
  const packs = await allPacks()
  const sources = { config: undefined, profile: undefined, override: undefined, set: [], env: {}, cwd: dir }
  const config = loadConfig(sources, packSchemas(packs))
  const redactor = new Redactor()
  const choice = {
    venue: 'paper',
    market: 'synthetic',
    seed: 7,
    speed: 'max',
    exchangeUrl: undefined,
    env: {},
  } as const
  const venue = await openVenue({ ...choice, symbols: SYMBOLS, settings: config.settings, redactor })
  const header = { epoch: EPOCH, createdMs: 0, buildHash: 'b', configHash: config.hash }
  const { log, close } = openLog({
    level: 'silent',
    redactor,
    file: join(dir, 'mm.log'),
    redactorReady: Promise.resolve(),
  })
  const link = { prefix: 'mm00', epoch: EPOCH, createWindowMs: 1_000, onFatal: () => undefined }
  const journal = inlineJournal({ ...nodeDisk, sync: () => undefined }, { dir, header, preallocate: false })
  const session = (exchange: JoinedExchange, change: Partial<SessionOptions> = {}) =>
    new Session({
      venue,
      exchange,
      log,
      config,
      packs,
      seed: 7,
      epoch: EPOCH,
      symbols: SYMBOLS,
      stateDir: dir,
      journal,
      linkPrefix: `mm00-${EPOCH}-`,
      version: '0',
      lastRun: null,
      dayLoss: null,
      arm: null,
      emit: null,
      say: () => undefined,
      onAccount: () => undefined,
      onRecovered: () => undefined,
      onHalt: () => undefined,
      durationUs: QUOTING_US,
      ...change,
    })
  const end = async (): Promise<void> => {
    await journal.close()
    await close()
  }
  return { venue, link, session, end }
}
