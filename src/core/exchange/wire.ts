/**
 * The network, clock and timers as an adapter sees them: real ones (`bybit/net-wire.ts`) or virtual ones
 * (`virtual-wire.ts`), so that the whole bot, codec included, also runs in one process under virtual time.
 */
import type { TimeUs } from '../domain/units.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Path and query, as sent. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** '' for none. */
  readonly body: string
  readonly timeoutMs: number
}

export interface HttpReply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How an HTTP exchange without a reply ended: never a statement about what the server did. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly reason: 'timeout' | 'refused' | 'reset' | 'dns' | 'tls' | 'other'

  constructor(reason: WireError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

export interface SocketHandlers {
  open(): void
  /** One text frame. The buffer is valid only during the call. `atUs`: when its bytes reached us. */
  message(bytes: Buffer, atUs: TimeUs): void
  /** Called once, also when the connection never opened. */
  close(code: number, reason: string): void
}

export interface WireSocket {
  send(text: string): void
  /** Protocol-level close; `close` of the handlers follows. */
  close(): void
  /** Bytes accepted but not yet handed to the kernel. */
  readonly bufferedBytes: number
}

export type TimerId = number

export interface Wire {
  /** What an operator calls the other end: its address. */
  readonly peer?: string
  /** Local time, µs since the epoch. */
  nowUs(): TimeUs
  /** One-shot timer. */
  after(delayUs: number, fire: () => void): TimerId
  cancelTimer(timer: TimerId): void
  /** Rejects with WireError when no complete reply came within the timeout. */
  http(request: HttpRequest): Promise<HttpReply>
  /** `path` such as "/v5/private"; the wire knows the host. */
  connect(path: string, handlers: SocketHandlers): WireSocket
}

/** A server that can be attached to a virtual wire: everything it does happens inside these calls. */
export interface WireServer {
  /** `reply` is called once, now or in a later `advance`; never calling it is a lost reply. */
  http(request: HttpRequest, remote: RemoteEnd, reply: (reply: HttpReply | 'reset') => void): void
  accept(path: string, remote: RemoteEnd, peer: ServerPeer): ServerConnection | { readonly refuse: number }
  /** When it wants to be woken next (timers, flow, latency); Infinity for never. */
  nextUs(): number
  /** Does everything that is due at or before `nowUs`. */
  advance(nowUs: TimeUs): void
}

export interface RemoteEnd {
  readonly ip: string
}

/** The server's way to a connected client. */
export interface ServerPeer {
  send(text: string): void
  close(code: number, reason: string): void
}

/** The client's frames as the server receives them. */
export interface ServerConnection {
  message(text: string): void
  closed(): void
}
