/**
 * A simulated exchange ready for clients: core, listener and keys from one set of options. Keys are made per start from
 * random bytes and never written anywhere; the environment may give them for tests that restart an exchange.
 */
import { randomBytes } from 'node:crypto'
import { timeUs } from '../../../domain/units.ts'
import { DEFAULT_UID, embeddedExchange, type EmbeddedOptions } from './embedded.ts'
import type { SimServer } from './core.ts'
import { monotonicMs, ServerClock, wallUs } from './clock.ts'
import { HOST, Listener } from './listener.ts'
import type { KeyOptions } from './keys.ts'

export interface HostOptions extends Omit<EmbeddedOptions, 'startUs' | 'keys'> {
  readonly port: number
  readonly speed: number
  /** Key of the default account; made from random bytes when absent. */
  readonly key?: { readonly apiKey: string; readonly secret: string }
  /** Keys of other accounts. */
  readonly moreKeys?: readonly KeyOptions[]
}

/** What the first line of `mm exchange` says. */
export interface Welcome {
  readonly rest: string
  readonly ws: string
  readonly apiKey: string
  readonly apiSecret: string
}

export interface ExchangeHost {
  readonly welcome: Welcome
  readonly server: SimServer
  close(): Promise<void>
}

/** Rejects with node's error when the port is taken; throws StateProblem for an initial state that does not fit. */
export async function openHost(options: HostOptions): Promise<ExchangeHost> {
  const aheadMs = options.state?.clockAheadMs ?? 0
  const startUs = timeUs(wallUs() + aheadMs * 1_000)
  const startedMs = monotonicMs()
  const { apiKey, secret } = options.key ?? randomKey()
  const keys = [{ uid: DEFAULT_UID, apiKey, secret }, ...(options.moreKeys ?? [])]
  // Clients' timestamps are right by it while the exchange is late, or runs at another speed than they do.
  const wallMs = (): number => Math.floor(wallUs() / 1_000) + (options.speed === 1 ? aheadMs : 0)
  const server = embeddedExchange({ ...options, startUs, keys, wallMs })
  const clock = new ServerClock(server, { startUs, startedMs, speed: options.speed })
  const listener = await Listener.open(server, { port: options.port, clock })
  const at = `${HOST}:${listener.port}`
  return {
    welcome: { rest: `http://${at}`, ws: `ws://${at}`, apiKey, apiSecret: secret },
    server,
    close: () => listener.close(),
  }
}

/** As Bybit's look: 18 and 36 letters and digits. */
export function randomKey(): { readonly apiKey: string; readonly secret: string } {
  return { apiKey: letters(18), secret: letters(36) }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

// 62 × 4 = 248: bytes above are thrown away, so that every letter is equally likely.
function letters(count: number): string {
  let text = ''
  while (text.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < 248 && text.length < count) text += ALPHABET.charAt(byte % 62)
    }
  }
  return text
}
