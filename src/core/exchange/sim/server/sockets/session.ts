/**
 * One client's WebSocket, whatever its path: identity, liveness, and frames on their way out in order. Kinds of session
 * (public, private, trade) hold one and interpret what it hears. Never throws at what a client sends.
 */
import type { RemoteEnd, ServerConnection, ServerPeer } from '../../../wire.ts'
import type { Agenda } from '../agenda.ts'
import type { Outbox } from '../outbox.ts'

const IDLE_US = 600_000_000
const AGE_SCAN_US = 30_000_000

/** A connection as the listener sees it. */
export interface SimConnection extends ServerConnection {
  /** A ping frame of the protocol came: no text, but life. */
  alive(): void
}

export interface SessionOptions {
  readonly id: string
  readonly path: string
  readonly remote: RemoteEnd
  readonly peer: ServerPeer
  /** From `?max_active_time=`, µs; Infinity when absent. */
  readonly maxAgeUs: number
}

export class Session {
  readonly id: string
  readonly path: string
  readonly remote: RemoteEnd
  uid = ''
  isClosed = false
  private readonly peer: ServerPeer
  private readonly agenda: Agenda
  private readonly outbox: Outbox
  private readonly openedUs: number
  private readonly maxAgeUs: number
  private heardUs: number
  /** No stream frame may leave before the one ahead of it. */
  private streamUs = 0
  private replyUs = 0
  private whenClosed: (() => void)[] = []

  constructor(options: SessionOptions, agenda: Agenda, outbox: Outbox) {
    this.id = options.id
    this.path = options.path
    this.remote = options.remote
    this.peer = options.peer
    this.maxAgeUs = options.maxAgeUs
    this.agenda = agenda
    this.outbox = outbox
    this.openedUs = agenda.nowUs()
    this.heardUs = this.openedUs
    this.watch()
  }

  /** A frame came in (or anything that shows life). */
  heard(): void {
    this.heardUs = this.agenda.nowUs()
  }

  /** A stream frame: leaves after the stream leg, in order. */
  push(topic: string, text: string): void {
    this.streamUs = this.outbox.push({ session: this, topic, text, notBeforeUs: this.streamUs })
  }

  /** An answer to a frame of the client: leaves after the ack leg, in order. */
  reply(text: string): void {
    this.replyUs = this.outbox.answer({ session: this, topic: '', text, notBeforeUs: this.replyUs })
  }

  /** Straight to the client; the outbox calls this when a frame's time has come. */
  deliver(text: string): void {
    if (!this.isClosed && !this.outbox.isMute(this.path)) this.peer.send(text)
  }

  onClosed(action: () => void): void {
    this.whenClosed.push(action)
  }

  /** The server ends it. */
  close(code: number, reason: string): void {
    if (this.isClosed) return
    this.end()
    this.peer.close(code, reason)
  }

  /** The client has gone, or `close` was called. */
  end(): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const action of this.whenClosed) action()
    this.whenClosed = []
  }

  // 10 minutes without a frame, or older than it asked to become (looked at every 30 s): closed.
  private watch(): void {
    const next = Math.min(this.heardUs + IDLE_US, this.maxAgeUs === Number.POSITIVE_INFINITY ? Infinity : this.scanUs())
    this.agenda.at(next, () => {
      if (this.isClosed) return
      const nowUs = this.agenda.nowUs()
      if (nowUs - this.openedUs >= this.maxAgeUs) this.close(1000, 'max active time reached')
      else if (nowUs - this.heardUs >= IDLE_US) this.close(1000, 'idle for 10 minutes')
      else this.watch()
    })
  }

  private scanUs(): number {
    const nowUs = this.agenda.nowUs()
    return nowUs + AGE_SCAN_US - ((nowUs - this.openedUs) % AGE_SCAN_US)
  }
}
