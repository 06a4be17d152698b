/**
 * The gateway's real sockets (`net-wire.ts`) to the real listener on a free port of 127.0.0.1, in one process. Only time
 * is conducted: it stands still while anything is under way between the two, and then goes on to the next thing due at
 * either end. So a half-minute pause costs nothing, and no assertion depends on how fast this machine is.
 */
import { invariant } from '../../../src/core/domain/invariant.ts'
import { type TimeUs, timeUs } from '../../../src/core/domain/units.ts'
import { NetWire } from '../../../src/core/exchange/bybit/net-wire.ts'
import type { SimServer } from '../../../src/core/exchange/sim/server/core.ts'
import { Listener, type Served } from '../../../src/core/exchange/sim/server/listener.ts'
import { VirtualTime } from '../../../src/core/exchange/virtual-time.ts'
import type { NetworkLegs, VirtualWireOptions } from '../../../src/core/exchange/virtual-wire.ts'
import {
  type HttpReply,
  type HttpRequest,
  type SocketHandlers,
  type TimerId,
  type WireSocket,
} from '../../../src/core/exchange/wire.ts'
import { START } from '../server/harness.ts'
import { Traffic } from './loopback-traffic.ts'
import type { ClientWire, World } from './world.ts'

/** Bybit's own header for it; nothing is signed over it. */
const CALL_HEADER = 'cdn-request-id'

export class LoopbackWorld extends VirtualTime implements World {
  readonly traffic = new Traffic()
  server: SimServer
  private readonly wires: LoopbackWire[] = []
  private listener: Listener | null = null

  private constructor(server: SimServer) {
    super(START)
    this.server = server
  }

  static async open(server: SimServer): Promise<LoopbackWorld> {
    const world = new LoopbackWorld(server)
    await world.listen(0)
    return world
  }

  /** The exchange's process dies, and another one comes up on its port. */
  async replace(server: SimServer): Promise<void> {
    const port = this.listener?.port ?? 0
    await this.listener?.close()
    this.server = server
    await this.listen(port)
  }

  private async listen(port: number): Promise<void> {
    const { server } = this
    const clock = { turn: () => server.advance(this.nowUs()), stop: () => {} }
    this.listener = await Listener.open(watched(server, this.traffic), { port, clock })
  }

  wire(options: VirtualWireOptions = {}): LoopbackWire {
    invariant(this.listener !== null, 'the listener is open')
    const wire = new LoopbackWire(this, this.listener.port, options)
    this.wires.push(wire)
    return wire
  }

  /** What the server says at the end is heard, too. */
  override async run(untilUs: number): Promise<void> {
    await super.run(untilUs)
    await this.settle()
  }

  async close(): Promise<void> {
    for (const wire of this.wires) wire.crash()
    await this.listener?.close()
  }

  // Up to the first bytes that the server sends.
  protected override isTold(): boolean {
    return this.traffic.isUnderWay
  }

  // Time goes on only when every byte sent by either side has been heard by the other.
  protected override async settle(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve))
    while (this.traffic.isUnderWay) await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

export const loopbackWorld = (server: SimServer): Promise<World> => LoopbackWorld.open(server)

/** One client: the real wire, but for the time of day. */
class LoopbackWire extends NetWire implements ClientWire {
  private readonly world: LoopbackWorld
  private readonly legs: NetworkLegs | null
  private readonly clockOffsetUs: number
  private readonly due = new Set<TimerId>()
  private readonly sockets = new Set<WireSocket>()
  private timersMade = 0
  private isDead = false

  constructor(world: LoopbackWorld, port: number, { legs, clockOffsetUs }: VirtualWireOptions) {
    const [rest, stream] = [new URL(`http://127.0.0.1:${port}`), new URL(`ws://127.0.0.1:${port}`)]
    super({ rest, stream, publicStream: stream })
    this.world = world
    this.legs = legs ?? null
    this.clockOffsetUs = clockOffsetUs ?? 0
  }

  override nowUs(): TimeUs {
    return timeUs(this.world.nowUs() + this.clockOffsetUs)
  }

  override after(delayUs: number, fire: () => void): TimerId {
    const timer = ++this.timersMade
    if (this.isDead) return timer
    this.due.add(timer)
    this.world.at(this.world.nowUs() + Math.max(0, Math.round(delayUs)), () => {
      if (this.due.delete(timer)) fire()
    })
    return timer
  }

  override cancelTimer(timer: TimerId): void {
    this.due.delete(timer)
  }

  override async http(request: HttpRequest): Promise<HttpReply> {
    if (this.isDead) return new Promise(() => {})
    await this.pass(this.legs?.up())
    const { traffic } = this.world
    const id = traffic.called()
    try {
      return await super.http({ ...request, headers: { ...request.headers, [CALL_HEADER]: id } })
    } finally {
      traffic.settled(id)
      await (this.isDead ? new Promise(() => {}) : this.pass(this.legs?.down()))
    }
  }

  override connect(path: string, handlers: SocketHandlers): WireSocket {
    const link = this.world.traffic.connecting()
    const up = this.inOrder(() => this.legs?.up() ?? 0)
    const down = this.inOrder(() => this.legs?.down() ?? 0)
    const hear = (action: () => void): void => down(() => void (this.isDead || action()))
    const inner = super.connect(`${path}?link=${link.id}`, {
      open: () => {
        link.opened()
        hear(() => handlers.open())
      },
      message: (bytes, atUs) => {
        link.heardDown()
        if (this.legs === null) return hear(() => handlers.message(bytes, atUs))
        const copy = Buffer.from(bytes)
        hear(() => handlers.message(copy, this.nowUs()))
      },
      close: (code, reason) => {
        this.sockets.delete(socket)
        link.endedHere()
        hear(() => handlers.close(code, reason))
      },
    })
    const socket: WireSocket = {
      send: (text) =>
        up(() => {
          if (link.isOpenHere) link.sentUp()
          inner.send(text)
        }),
      close: () => {
        link.closedHere()
        inner.close()
      },
      get bufferedBytes() {
        return inner.bufferedBytes
      },
    }
    this.sockets.add(socket)
    return socket
  }

  crash(): void {
    this.isDead = true
    this.due.clear()
    for (const socket of this.sockets) socket.close()
    this.sockets.clear()
    this.dispose()
  }

  // Messages of one direction keep their order whatever the legs say.
  private inOrder(leg: () => number): (action: () => void) => void {
    let lastUs = 0
    return (action) => {
      if (this.legs === null) return action()
      lastUs = Math.max(lastUs, this.world.nowUs() + leg())
      this.world.at(lastUs, action)
    }
  }

  private async pass(us: number | undefined): Promise<void> {
    if (us !== undefined) await new Promise<void>((resolve) => this.world.at(this.world.nowUs() + us, resolve))
  }
}

/** The server, with every message that comes or goes noted. */
function watched(server: SimServer, traffic: Traffic): Served {
  return {
    http(request, remote, reply) {
      const id = request.headers[CALL_HEADER] ?? ''
      traffic.arrived(id)
      server.http(request, remote, (answer) => {
        traffic.answered(id)
        reply(answer)
      })
    },
    accept(path, remote, peer) {
      const link = traffic.link(/link=(\d+)/.exec(path)?.[1] ?? '')
      const connection = server.accept(path, remote, {
        send: (text) => {
          link.sentDown()
          peer.send(text)
        },
        close: (code, reason) => {
          link.closedThere()
          peer.close(code, reason)
        },
      })
      if ('refuse' in connection) return connection
      link.accepted()
      return {
        message: (text) => {
          link.heardUp()
          connection.message(text)
        },
        alive: () => connection.alive(),
        closed: () => {
          link.endedThere()
          connection.closed()
        },
      }
    },
  }
}
