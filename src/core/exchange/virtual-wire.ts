/**
 * The network under virtual time: joins one server without sockets to any number of clients, in one process, from one
 * schedule. Nothing here reads a real clock; the same pushes give the same run. Microtasks are drained completely
 * before time moves on, so `await` in a client costs no virtual time; real I/O must be covered by `hold()`.
 */
import { type TimeUs, timeUs } from '../domain/units.ts'
import { type Action, VirtualTime } from './virtual-time.ts'
import {
  type HttpReply,
  type HttpRequest,
  type RemoteEnd,
  type ServerConnection,
  type SocketHandlers,
  type TimerId,
  type Wire,
  WireError,
  type WireServer,
  type WireSocket,
} from './wire.ts'

/**
 * One way of the network, in µs, drawn per message; Infinity loses it (a socket then stays half-open: frames keep
 * their order, so nothing behind a lost one arrives).
 */
export interface NetworkLegs {
  /** Client → server. */
  up(): number
  /** Server → client. */
  down(): number
}

export interface VirtualWireOptions {
  readonly legs?: NetworkLegs
  readonly ip?: string
  /** What this client's clock reads beyond true time. */
  readonly clockOffsetUs?: number
}

const DIRECT: NetworkLegs = { up: () => 50, down: () => 50 }
const EVENTS_PER_BREATH = 2_000

/** The server, its clients, and true time. */
export class VirtualNetwork extends VirtualTime {
  readonly server: WireServer
  private holds = 0
  private whenReleased: Action | null = null
  private sinceBreath = 0

  constructor(server: WireServer, startUs: TimeUs) {
    super(startUs)
    this.server = server
  }

  /** A client of the server. */
  wire(options: VirtualWireOptions = {}): VirtualWire {
    return new VirtualWire(this, options)
  }

  /** Stops virtual time while real work (a disk sync) is under way. Call the result once when it is done. */
  hold(): () => void {
    this.holds++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.holds--
      if (this.holds === 0) this.whenReleased?.()
    }
  }

  // A tick callback runs only when no microtask is left; now and then signals and real timers get their turn.
  protected override async settle(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve))
    while (this.holds > 0) {
      await new Promise<void>((resolve) => {
        this.whenReleased = resolve
      })
      await new Promise<void>((resolve) => process.nextTick(resolve))
    }
    if (++this.sinceBreath < EVENTS_PER_BREATH) return
    this.sinceBreath = 0
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** One client's end. Made by `VirtualNetwork.wire`. */
export class VirtualWire implements Wire {
  readonly network: VirtualNetwork
  readonly legs: NetworkLegs
  readonly remote: RemoteEnd
  private readonly clockOffsetUs: number
  private readonly timers = new Set<TimerId>()
  private readonly sockets = new Set<VirtualSocket>()
  private nextTimer = 1
  private isDead = false

  constructor(network: VirtualNetwork, options: VirtualWireOptions) {
    this.network = network
    this.legs = options.legs ?? DIRECT
    this.remote = { ip: options.ip ?? '127.0.0.1' }
    this.clockOffsetUs = options.clockOffsetUs ?? 0
  }

  nowUs(): TimeUs {
    return timeUs(this.network.nowUs() + this.clockOffsetUs)
  }

  after(delayUs: number, fire: () => void): TimerId {
    const timer = this.nextTimer++
    if (this.isDead) return timer
    this.timers.add(timer)
    this.network.at(this.network.nowUs() + Math.max(0, Math.round(delayUs)), () => {
      if (this.timers.delete(timer)) fire()
    })
    return timer
  }

  cancelTimer(timer: TimerId): void {
    this.timers.delete(timer)
  }

  http(request: HttpRequest): Promise<HttpReply> {
    const { network } = this
    return new Promise((resolve, reject) => {
      if (this.isDead) return
      const deadline = this.after(request.timeoutMs * 1_000, () => reject(new WireError('timeout', 'no reply in time')))
      const settle = (reply: HttpReply | 'reset'): void => {
        if (!this.timers.delete(deadline)) return
        if (reply === 'reset') reject(new WireError('reset', 'connection reset'))
        else resolve(reply)
      }
      network.at(network.nowUs() + this.legs.up(), () =>
        network.server.http(request, this.remote, (reply) =>
          network.at(network.nowUs() + this.legs.down(), () => settle(reply)),
        ),
      )
    })
  }

  connect(path: string, handlers: SocketHandlers): WireSocket {
    const socket = new VirtualSocket(this, path, handlers)
    if (this.isDead) socket.abandon()
    else this.sockets.add(socket)
    return socket
  }

  /**
   * What `kill -9` does to a client: no timer fires, no promise settles, no handler is called any more; requests on
   * their way still arrive, and the server sees the sockets close.
   */
  crash(): void {
    this.isDead = true
    this.timers.clear()
    for (const socket of this.sockets) socket.abandon()
    this.sockets.clear()
  }

  forget(socket: VirtualSocket): void {
    this.sockets.delete(socket)
  }
}

// Both directions keep their order, as TCP does: nothing overtakes.
class VirtualSocket implements WireSocket {
  readonly bufferedBytes = 0
  private readonly wire: VirtualWire
  private readonly handlers: SocketHandlers
  private connection: ServerConnection | null = null
  private upUs = 0
  private downUs = 0
  /** The client may still hear. */
  private isOpen = true
  /** The server may still hear. */
  private isServed = false

  constructor(wire: VirtualWire, path: string, handlers: SocketHandlers) {
    this.wire = wire
    this.handlers = handlers
    this.toServer(() => this.accept(path))
  }

  send(text: string): void {
    if (this.isOpen) this.toServer(() => this.isServed && this.connection?.message(text))
  }

  close(): void {
    if (!this.isOpen) return
    this.abandon()
    this.wire.forget(this)
    this.wire.after(0, () => this.handlers.close(1000, ''))
  }

  /** The client is gone: nothing more is heard here; the server learns it. */
  abandon(): void {
    this.isOpen = false
    this.toServer(() => this.endServed())
  }

  private accept(path: string): void {
    const { server } = this.wire.network
    this.isServed = true
    // The handshake's reply leaves before anything the server sends inside `accept`.
    let outcome: Action = () => this.handlers.open()
    this.toClient(() => outcome())
    const accepted = server.accept(path, this.wire.remote, {
      send: (text) => this.toClient(() => this.handlers.message(Buffer.from(text), this.wire.nowUs())),
      close: (code, reason) => {
        this.isServed = false
        this.toClient(() => this.endOpen(code, reason))
      },
    })
    if ('refuse' in accepted) {
      this.isServed = false
      outcome = () => this.endOpen(1006, `refused with HTTP ${accepted.refuse}`)
    } else this.connection = accepted
  }

  private endServed(): void {
    if (!this.isServed) return
    this.isServed = false
    this.connection?.closed()
  }

  private endOpen(code: number, reason: string): void {
    this.isOpen = false
    this.wire.forget(this)
    this.handlers.close(code, reason)
  }

  private toServer(action: () => unknown): void {
    const { network, legs } = this.wire
    this.upUs = Math.max(this.upUs, network.nowUs() + legs.up())
    network.at(this.upUs, () => void action())
  }

  private toClient(action: Action): void {
    const { network, legs } = this.wire
    this.downUs = Math.max(this.downUs, network.nowUs() + legs.down())
    network.at(this.downUs, () => {
      if (this.isOpen) action()
    })
  }
}
