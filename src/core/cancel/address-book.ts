/**
 * Addresses of the exchange for a day on which DNS is dead: given by hand (`--resolve HOST:IP`, then DNS is not asked at
 * all), else asked of DNS with a short deadline, else what worked last time on this machine. Only addresses live here:
 * TLS still checks the host's name. One question per host is under way at most: each holds a thread of Node's pool for as
 * long as a dead resolver likes, and latch and proof need threads too.
 */
import { isIP } from 'node:net'
import { join } from 'node:path'
import { readSmallSoon, within } from './slow-disk.ts'

interface Address {
  readonly address: string
  readonly family: number
}
type Found = (error: Error | null, address?: string | readonly Address[], family?: number) => void
/** Shape of dns.lookup with `all`. */
export type Resolve = (host: string, done: (error: Error | null, addresses?: readonly Address[]) => void) => void

interface Question {
  readonly sinceMs: number
  readonly answer: Promise<readonly Address[]>
}

const DNS_MS = 1_500
/** Patience with DNS where an address is known from better days. */
const DNS_MS_KNOWN = 300
const DISK_MS = 200

export class AddressBook {
  private readonly given: ReadonlyMap<string, string>
  private readonly file: string
  private readonly resolve: Resolve
  private readonly questions = new Map<string, Question>()
  private known: Promise<Record<string, string>> | null = null
  private isSaved = false

  /** `given`: host → address from the command line. `stateDir`: where addresses that worked are remembered. */
  constructor(given: ReadonlyMap<string, string>, stateDir: string, resolve: Resolve = systemResolve) {
    this.given = given
    this.file = join(stateDir, 'addresses.json')
    this.resolve = resolve
  }

  /** Shape of dns.lookup. */
  readonly lookup = (host: string, options: { all?: boolean }, found: Found): void => {
    const answer = (addresses: readonly Address[]): void => {
      const [first] = addresses
      if (first === undefined) found(Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' }))
      else if (options.all === true) found(null, addresses)
      else found(null, first.address, first.family)
    }
    const given = this.given.get(host)
    if (given !== undefined) answer(addressesOf(given))
    else void this.find(host).then(answer)
  }

  private async find(host: string): Promise<readonly Address[]> {
    const { sinceMs, answer } = this.ask(host)
    // A disk that is late now may be in time for the next question.
    const remembered = addressesOf((await within(this.remembered(), DISK_MS, {}))[host])
    const patienceMs = (remembered.length > 0 ? DNS_MS_KNOWN : DNS_MS) - (performance.now() - sinceMs)
    const asked = await within(answer, Math.max(0, patienceMs), [])
    return asked.length > 0 ? asked : remembered
  }

  private ask(host: string): Question {
    const present = this.questions.get(host)
    if (present !== undefined) return present
    const answer = new Promise<readonly Address[]>((resolve) => {
      this.resolve(host, (error, addresses = []) => {
        this.questions.delete(host)
        resolve(error === null ? addresses : [])
      })
    })
    const question = { sinceMs: performance.now(), answer }
    this.questions.set(host, question)
    return question
  }

  private remembered(): Promise<Record<string, string>> {
    this.known ??= readSmallSoon(this.file).then(knownOf, () => ({}))
    return this.known
  }

  /** `address` answered for `host`: kept for the day DNS does not. Best effort, once per run, beside everything else. */
  confirm(host: string, address: string | undefined): void {
    if (this.isSaved || address === undefined || isIP(host) !== 0 || host === 'localhost') return
    this.isSaved = true
    void this.remembered()
      .then((known) => (known[host] === address ? undefined : save(this.file, { ...known, [host]: address })))
      // A convenience for next time; an unwritable disk must not disturb this run.
      .catch(() => undefined)
  }
}

async function save(file: string, known: Record<string, string>): Promise<void> {
  const { rename, writeFile } = process.getBuiltinModule('node:fs/promises')
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, JSON.stringify(known), { mode: 0o600 })
  await rename(draft, file)
}

// Loaded when it is needed: with --resolve, and on loopback, never.
const systemResolve: Resolve = (host, done) => {
  process.getBuiltinModule('node:dns').lookup(host, { all: true }, done)
}

function addressesOf(address: string | undefined): readonly Address[] {
  return address === undefined ? [] : [{ address, family: isIP(address) }]
}

function knownOf(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    const entries = Object.entries(value).filter(([, address]) => typeof address === 'string' && isIP(address) !== 0)
    return Object.fromEntries(entries)
  } catch {
    // Damaged: then there is nothing to remember.
    return {}
  }
}
