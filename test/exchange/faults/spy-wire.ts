/** A wire that remembers what left by it, and when: the bot's word on its own rates counts for nothing. */
import type { TimeUs } from '../../../src/core/domain/units.ts'
import {
  type HttpReply,
  type HttpRequest,
  type SocketHandlers,
  type TimerId,
  type Wire,
  WireError,
  type WireSocket,
} from '../../../src/core/exchange/wire.ts'

export interface Departure {
  /** Path of a request, `op` of a frame, or "connect PATH". */
  readonly endpoint: string
  readonly text: string
  readonly atUs: number
}

export class SpyWire implements Wire {
  readonly sent: Departure[] = []
  /** Added to this client's clock: clocks jump. */
  skewUs = 0
  /** Requests that get no answer. */
  isLost: (request: HttpRequest) => boolean = () => false
  private readonly inner: Wire

  constructor(inner: Wire) {
    this.inner = inner
  }

  nowUs(): TimeUs {
    return (this.inner.nowUs() + this.skewUs) as TimeUs
  }

  after(delayUs: number, fire: () => void): TimerId {
    return this.inner.after(delayUs, fire)
  }

  cancelTimer(timer: TimerId): void {
    this.inner.cancelTimer(timer)
  }

  http(request: HttpRequest): Promise<HttpReply> {
    this.note(request.target.split('?', 1)[0] ?? '', request.body)
    if (this.isLost(request)) return Promise.reject(new WireError('timeout', 'lost by the test'))
    return this.inner.http(request)
  }

  connect(path: string, handlers: SocketHandlers): WireSocket {
    this.note(`connect ${path}`, '')
    const socket = this.inner.connect(path, {
      open: () => handlers.open(),
      message: (bytes, atUs) => handlers.message(bytes, (atUs + this.skewUs) as TimeUs),
      close: (code, reason) => handlers.close(code, reason),
    })
    return {
      send: (text) => {
        this.note(/"op":"([a-z.-]+)"/.exec(text)?.[1] ?? '', text)
        socket.send(text)
      },
      close: () => socket.close(),
      get bufferedBytes() {
        return socket.bufferedBytes
      },
    }
  }

  private note(endpoint: string, text: string): void {
    this.sent.push({ endpoint, text, atUs: this.inner.nowUs() })
  }
}
