/** A wire whose sockets can be cut or go deaf at will: what networks do, planted through the port. */
import type { TimeUs } from '../../../src/core/domain/units.ts'
import type {
  HttpReply,
  HttpRequest,
  SocketHandlers,
  TimerId,
  Wire,
  WireSocket,
} from '../../../src/core/exchange/wire.ts'

interface Link {
  readonly path: string
  readonly socket: WireSocket
  readonly handlers: SocketHandlers
  isDeaf: boolean
}

export class FaultyWire implements Wire {
  private readonly inner: Wire
  private readonly links = new Set<Link>()

  constructor(inner: Wire) {
    this.inner = inner
  }

  /** Ends every connection to this path, as a reset does. */
  cut(path: string): void {
    for (const link of this.links) {
      if (link.path !== path) continue
      this.links.delete(link)
      link.isDeaf = true
      link.socket.close()
      link.handlers.close(1006, 'cut')
    }
  }

  /** From now on nothing comes through on the connections to this path, and nobody says so. */
  deafen(path: string): void {
    for (const link of this.links) if (link.path === path) link.isDeaf = true
  }

  connect(path: string, handlers: SocketHandlers): WireSocket {
    const link: Link = {
      path,
      handlers,
      isDeaf: false,
      socket: this.inner.connect(path, {
        open: () => {
          if (!link.isDeaf) handlers.open()
        },
        message: (bytes, atUs) => {
          if (!link.isDeaf) handlers.message(bytes, atUs)
        },
        close: (code, reason) => {
          if (!this.links.delete(link) || link.isDeaf) return
          handlers.close(code, reason)
        },
      }),
    }
    this.links.add(link)
    return link.socket
  }

  nowUs(): TimeUs {
    return this.inner.nowUs()
  }

  after(delayUs: number, fire: () => void): TimerId {
    return this.inner.after(delayUs, fire)
  }

  cancelTimer(timer: TimerId): void {
    this.inner.cancelTimer(timer)
  }

  http(request: HttpRequest): Promise<HttpReply> {
    return this.inner.http(request)
  }
}
