/**
 * The bot's side: a heartbeat a second from the very event loop that trades, so that a loop that hangs falls silent. Says
 * when the guard stops answering. `stop` is sent only after a proven zero; ending in any other way lets the guard fire.
 */
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { fail } from '../errors.ts'
import type { GuardAddress } from './address.ts'
import { decodeAck, encode, type Heartbeat } from './message.ts'

export type Identity = Pick<Heartbeat, 'bot' | 'venue' | 'exchangeUrl' | 'createWindowMs' | 'stateDir'>

export interface SenderOptions {
  readonly address: GuardAddress
  readonly identity: Identity
  /** Called when the guard falls silent and when it is back. */
  readonly onGuard: (isThere: boolean) => void
}

const BEAT_MS = 1_000
const FIRST_MS = 3_000
const SILENT_MS = 5_000
const STOP_MS = 3_000
const PROBE_MS = 1_000

export class HeartbeatSender {
  private readonly options: SenderOptions
  private readonly line: Line
  private timer: NodeJS.Timeout | null = null
  private counter = Date.now() * 1_000
  private acked = this.counter
  private ackMs = 0
  private isThere = true
  private onAck: (counter: number) => void = () => undefined

  private constructor(options: SenderOptions) {
    this.options = options
    const key = options.address.kind === 'udp' ? options.address.key : null
    this.line = openLine(options.address, (text) => {
      this.heard(decodeAck(text, key))
    })
  }

  /** Beats until stopped; fails with GUARD_MISSING when nobody answers at first. */
  static async start(options: SenderOptions): Promise<HeartbeatSender> {
    const sender = new HeartbeatSender(options)
    if (await sender.ask('beat', FIRST_MS)) {
      sender.timer = setInterval(() => sender.beat(), BEAT_MS)
      sender.timer.unref()
      return sender
    }
    sender.close()
    const { address } = options
    return fail('GUARD_MISSING', { where: address.kind === 'local' ? address.path : `${address.host}:${address.port}` })
  }

  /** Whether a guard answers there; it stays as it is. */
  static async probe(address: GuardAddress): Promise<boolean> {
    const identity = { bot: 'probe', venue: '', exchangeUrl: '', createWindowMs: 0, stateDir: '' }
    const sender = new HeartbeatSender({ address, identity, onGuard: () => undefined })
    try {
      return await sender.ask('probe', PROBE_MS)
    } finally {
      sender.close()
    }
  }

  /** Ended in order: the guard may rest. True when it heard that. */
  async stop(): Promise<boolean> {
    if (this.timer !== null) clearInterval(this.timer)
    const isHeard = await this.ask('stop', STOP_MS)
    this.close()
    return isHeard
  }

  /** Falls silent; an armed guard then fires. */
  close(): void {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
    this.line.close()
  }

  private async ask(kind: Heartbeat['kind'], patienceMs: number): Promise<boolean> {
    // The answer to an earlier beat says nothing about this.
    const first = this.counter + 1
    for (let waited = 0; waited < patienceMs; waited += 250) {
      const isHeard = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), 250)
        this.onAck = (counter) => {
          if (counter < first) return
          clearTimeout(timer)
          resolve(true)
        }
      })
      this.send(kind)
      if (await isHeard) return true
    }
    return false
  }

  private beat(): void {
    this.send('beat')
    const isSilent = performance.now() - this.ackMs > SILENT_MS
    if (isSilent === this.isThere) {
      this.isThere = !isSilent
      this.options.onGuard(this.isThere)
    }
  }

  // An answer to a beat of this run that was not answered before: a recorded one is no guard.
  private heard(counter: number | null): void {
    if (counter === null || counter <= this.acked || counter > this.counter) return
    this.acked = counter
    this.ackMs = performance.now()
    this.onAck(counter)
  }

  private send(kind: Heartbeat['kind']): void {
    const { address, identity } = this.options
    const nowMs = Date.now()
    this.counter = Math.max(this.counter + 1, nowMs * 1_000)
    const key = address.kind === 'udp' ? address.key : null
    const upMs = Math.floor(performance.now())
    this.line.send(encode({ kind, counter: this.counter, sentMs: nowMs, upMs, ...identity }, key))
  }
}

/** A way to the guard that mends itself. */
interface Line {
  send(text: string): void
  close(): void
}

function openLine(address: GuardAddress, hear: (text: string) => void): Line {
  return address.kind === 'local' ? localLine(address.path, hear) : udpLine(address, hear)
}

function udpLine(address: Extract<GuardAddress, { kind: 'udp' }>, hear: (text: string) => void): Line {
  const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4')
  socket.unref()
  socket.on('message', (bytes) => hear(bytes.toString('utf8')))
  // A guard that is not there shows by its silence.
  socket.on('error', () => undefined)
  return {
    send: (text) => socket.send(text, address.port, address.host, () => undefined),
    close: () => socket.close(),
  }
}

// Connects anew with every heartbeat while there is no connection: a guard that was restarted is armed again.
function localLine(path: string, hear: (text: string) => void): Line {
  let socket: Socket | null = null
  const open = (): Socket => {
    const made = connect({ path })
    let text = ''
    made.unref()
    made.setEncoding('utf8')
    made.on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        hear(text.slice(0, end))
        text = text.slice(end + 1)
      }
    })
    made.on('error', () => made.destroy())
    made.on('close', () => {
      if (socket === made) socket = null
    })
    return made
  }
  return {
    send(text) {
      socket ??= open()
      if (socket.writableLength < 65_536) socket.write(`${text}\n`)
    },
    close: () => socket?.destroySoon(),
  }
}
