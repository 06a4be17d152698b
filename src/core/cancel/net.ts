/**
 * Plain HTTP(S) for the emergency path: keep-alive, a total deadline, alternate hosts after repeated failures, addresses
 * given by hand or remembered from better days when DNS is dead. Certificates are always checked. Loads node:http(s) by
 * getBuiltinModule: an ESM import of node:http costs start-up time (node issue 59686).
 */
import type { LookupFunction } from 'node:net'
import { timeUs } from '../domain/units.ts'
import { type HttpReply, type HttpRequest, WireError } from '../exchange/wire.ts'
import type { AddressBook } from './address-book.ts'
import type { Net } from './venue-client.ts'

const BODY_MAX = 8 * 1024 * 1024
const FAILURES_BEFORE_SWITCH = 2

/** `origins`: base URLs, the preferred one first. */
export function netOf(origins: readonly URL[], addresses: AddressBook): Net {
  const route = { current: 0, failures: 0 }
  const isSecure = origins[0]?.protocol === 'https:'
  const library = isSecure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  // Said here, so that no environment variable can switch the check of certificates off.
  const agent = new library.Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: true })
  const lookup = addresses.lookup as LookupFunction
  const send = (request: HttpRequest): Promise<HttpReply> =>
    new Promise((resolve, reject) => {
      const used = route.current
      const origin = origins[used % origins.length]
      if (origin === undefined) return reject(new WireError('other', 'no host'))
      const headers = { ...request.headers, 'Content-Length': String(Buffer.byteLength(request.body)) }
      const call = library.request(new URL(request.target, origin), { method: request.method, headers, agent, lookup })
      const timer = setTimeout(() => call.destroy(new WireError('timeout', 'no reply in time')), request.timeoutMs)
      const failWith = (error: Error): void => {
        clearTimeout(timer)
        failed(route, used)
        reject(error instanceof WireError ? error : new WireError(reasonOf(error), error.message))
      }
      call.on('error', failWith)
      call.on('response', (response) => {
        // Asked now: at the end a kept-alive socket is already detached from the reply.
        const address = response.socket.remoteAddress
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > BODY_MAX) call.destroy(new WireError('other', 'reply too large'))
          else chunks.push(chunk)
        })
        response.on('error', failWith)
        response.on('end', () => {
          clearTimeout(timer)
          if (route.current === used) route.failures = 0
          addresses.confirm(origin.hostname, address)
          resolve({
            status: response.statusCode ?? 0,
            headers: flat(response.headers),
            body: Buffer.concat(chunks).toString(),
          })
        })
      })
      call.end(request.body)
    })
  return {
    // Wall time at the start, then monotonic: a step of the clock must not stretch a deadline or shift a bound.
    nowUs: () => timeUs(Math.floor((performance.timeOrigin + performance.now()) * 1_000)),
    after: (delayUs, fire) => Number(delayUs > 0 ? setTimeout(fire, delayUs / 1_000) : nextTurn(fire)),
    http: send,
  }
}

// After the sockets had their turn, which a timer of no time would not wait for.
function nextTurn(fire: () => void): number {
  setImmediate(fire)
  return 0
}

// Requests run side by side: only failures of the host in use count, and the first to reach the number moves on.
function failed(route: { current: number; failures: number }, used: number): void {
  if (route.current !== used || ++route.failures < FAILURES_BEFORE_SWITCH) return
  route.current++
  route.failures = 0
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')] as const)
  return Object.fromEntries(entries)
}

function reasonOf(error: Error): WireError['reason'] {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'dns'
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') return 'reset'
  if (code.startsWith('ERR_TLS') || code.includes('CERT') || code.startsWith('ERR_SSL')) return 'tls'
  return code === 'ETIMEDOUT' ? 'timeout' : 'other'
}
