/**
 * Addresses of the exchange's hosts, so that a dead resolver does not stop a cancel: given by hand (`--resolve HOST:IP`),
 * else asked of DNS with a short deadline, else what worked last time on this machine. Only addresses live here: TLS
 * still checks the host's name.
 */
import { lookup as dnsLookup } from 'node:dns'
import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'

type Found = (error: Error | null, address?: unknown, family?: number) => void

const DNS_MS = 1_500

export class AddressBook {
  private readonly given: ReadonlyMap<string, string>
  private readonly file: string
  private readonly known: Record<string, string>
  private isSaved = false

  /** `given`: host → address from the command line. `stateDir`: where addresses that worked are remembered. */
  constructor(given: ReadonlyMap<string, string>, stateDir: string) {
    this.given = given
    this.file = join(stateDir, 'addresses.json')
    this.known = readKnown(this.file)
  }

  /** Shape of dns.lookup. */
  readonly lookup = (host: string, options: { all?: boolean }, found: Found): void => {
    const answer = (address: string): void => {
      const family = isIP(address)
      if (options.all === true) found(null, [{ address, family }])
      else found(null, address, family)
    }
    const given = this.given.get(host)
    if (given !== undefined) return answer(given)
    let isDone = false
    const timer = setTimeout(() => settle(new Error('DNS did not answer')), DNS_MS)
    const settle = (error: Error | null, address?: string): void => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      const known = this.known[host]
      if (address !== undefined) answer(address)
      else if (known !== undefined) answer(known)
      else found(Object.assign(error ?? new Error('no address'), { code: 'ENOTFOUND' }))
    }
    dnsLookup(host, (error, address) => settle(error, error === null ? address : undefined))
  }

  /** `address` answered for `host`: kept for the day DNS does not. Best effort, once per run. */
  confirm(host: string, address: string | undefined): void {
    if (this.isSaved || address === undefined || isIP(host) !== 0 || host === 'localhost') return
    this.isSaved = true
    if (this.known[host] === address) return
    this.known[host] = address
    try {
      writeFileSync(this.file, JSON.stringify(this.known), { mode: 0o600 })
    } catch {
      // A convenience for next time; an unwritable disk must not disturb this run.
      this.isSaved = true
    }
  }
}

function readKnown(file: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    const entries = Object.entries(value).filter(([, address]) => typeof address === 'string' && isIP(address) !== 0)
    return Object.fromEntries(entries)
  } catch {
    // Never written, or damaged: then there is nothing to remember.
    return {}
  }
}
