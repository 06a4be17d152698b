/**
 * One socket kept alive: connects, pings, notices a dead peer, and comes back after a growing, jittered pause. It knows
 * nothing of what the frames mean. A socket given up on is never listened to again, whatever its peer still sends.
 */
import type { Prng } from '../../domain/prng.ts'
import { type TimeUs, US_PER_S } from '../../domain/units.ts'
import type { TimerId, Wire, WireSocket } from '../wire.ts'
import { Backoff } from './backoff.ts'

export interface SocketRole {
  readonly path: string
  /** No connection may be made before so many µs have passed; 0 for at once. */
  heldUs(): number
  opened(): void
  message(bytes: Buffer, atUs: TimeUs): void
  /** The connection ended, or could not be made; a new one follows unless `stop` was called. */
  closed(): void
}

const PING_US = 20 * US_PER_S
/** Beyond one ping: a peer that answers nothing for this long is gone. */
const SILENCE_US = 30 * US_PER_S
const CONNECT_US = 10 * US_PER_S
/** A connection that lived this long starts the pauses anew when it ends. */
const STABLE_US = 30 * US_PER_S

export class SupervisedSocket {
  private readonly wire: Wire
  private readonly role: SocketRole
  private readonly backoff: Backoff
  private socket: WireSocket | null = null
  private generation = 0
  private isWanted = false
  private isOpen = false
  private openedUs = 0
  private lastFrameUs = 0
  private timer: TimerId | null = null

  constructor(wire: Wire, role: SocketRole, prng: Prng) {
    this.wire = wire
    this.role = role
    this.backoff = new Backoff({ firstMs: 250, lastMs: 30_000 }, prng)
  }

  start(): void {
    this.isWanted = true
    this.connect()
  }

  /** Closes for good. */
  stop(): void {
    this.isWanted = false
    this.give()
  }

  get isConnected(): boolean {
    return this.isOpen
  }

  send(text: string): void {
    if (this.isOpen) this.socket?.send(text)
  }

  /** Gives this connection up and makes another after the pause. */
  reconnect(): void {
    if (this.socket !== null) this.ended()
  }

  private connect(): void {
    const heldUs = this.role.heldUs()
    if (heldUs > 0) return this.schedule(heldUs + this.backoff.nextUs(), () => this.connect())
    const generation = ++this.generation
    const isCurrent = (): boolean => generation === this.generation
    this.socket = this.wire.connect(this.role.path, {
      open: () => {
        if (isCurrent()) this.onOpen()
      },
      message: (bytes, atUs) => {
        if (!isCurrent()) return
        this.lastFrameUs = atUs
        this.role.message(bytes, atUs)
      },
      close: () => {
        if (isCurrent()) this.ended()
      },
    })
    this.schedule(CONNECT_US, () => this.ended())
  }

  private onOpen(): void {
    this.isOpen = true
    this.openedUs = this.wire.nowUs()
    this.lastFrameUs = this.openedUs
    this.schedule(PING_US, () => this.tick())
    this.role.opened()
  }

  private tick(): void {
    if (this.wire.nowUs() - this.lastFrameUs >= SILENCE_US) return this.ended()
    this.socket?.send('{"op":"ping"}')
    const untilSilent = this.lastFrameUs + SILENCE_US - this.wire.nowUs()
    this.schedule(Math.min(PING_US, Math.max(untilSilent, US_PER_S)), () => this.tick())
  }

  private ended(): void {
    const livedUs = this.isOpen ? this.wire.nowUs() - this.openedUs : 0
    this.give()
    if (livedUs >= STABLE_US) this.backoff.reset()
    if (this.isWanted) this.schedule(this.backoff.nextUs(), () => this.connect())
    this.role.closed()
  }

  // From here on nothing of the old connection reaches us.
  private give(): void {
    const { socket } = this
    this.generation++
    this.socket = null
    this.isOpen = false
    if (this.timer !== null) this.wire.cancelTimer(this.timer)
    this.timer = null
    socket?.close()
  }

  private schedule(delayUs: number, fire: () => void): void {
    if (this.timer !== null) this.wire.cancelTimer(this.timer)
    this.timer = this.wire.after(delayUs, () => {
      this.timer = null
      fire()
    })
  }
}
