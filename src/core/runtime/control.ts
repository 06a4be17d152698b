/**
 * The control socket of a running bot: one JSON object a line, for processes of the same user on this host (mode 0600).
 * Watchers get read-only views; `halt`, `pause` and `resume` become operator events. It never reaches into the engine.
 */
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { ControlCall, ControlLine, LiveView } from './live-view.ts'

export interface ControlHandlers {
  /** Made at most five times a second, and only while somebody watches. */
  view(): LiveView
  /** Fields of the answer. */
  command(op: 'halt' | 'pause' | 'resume', reason: string): Readonly<Record<string, unknown>>
  reload(): Readonly<Record<string, unknown>>
}

export interface Control {
  readonly path: string
  close(): Promise<void>
}

const VIEW_MS = 200
const LINE_BYTES_MAX = 64 * 1024
const CLIENTS_MAX = 16
/** A watcher this far behind gets no more views until it has caught up. */
const BEHIND_BYTES_MAX = 512 * 1024
// sizeof(sun_path) less the closing zero: 107 on Linux, 103 on macOS.
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103

/** Where the socket of a state folder is. A path too long for a socket is replaced by one in a private temporary folder. */
export function controlPath(stateDir: string): string {
  const path = join(stateDir, 'control.sock')
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(tmpdir(), `mm-${process.getuid?.() ?? 0}`, `${hash}.sock`)
}

/** Listens. The caller holds the lock of the state folder, so a socket that is already there is nobody's. */
export async function openControl(stateDir: string, handlers: ControlHandlers): Promise<Control> {
  const path = controlPath(stateDir)
  const server = new ControlServer(handlers)
  try {
    if (!path.startsWith(stateDir)) privateFolder(join(path, '..'))
    rmSync(path, { force: true })
    await server.listen(path)
  } catch (error) {
    return fail('STATE_UNWRITABLE', { dir: path, reason: (error as Error).message }, error)
  }
  return {
    path,
    async close() {
      await server.close()
      rmSync(path, { force: true })
    },
  }
}

class ControlServer {
  private readonly handlers: ControlHandlers
  private readonly clients = new Set<Socket>()
  private readonly watchers = new Set<Socket>()
  private readonly server: Server
  private timer: NodeJS.Timeout | null = null

  constructor(handlers: ControlHandlers) {
    this.handlers = handlers
    this.server = createServer((socket) => this.accept(socket))
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      // The socket is made inside `listen`: nobody else may connect in the moment before chmod.
      const mask = process.umask(0o177)
      this.server.listen(path, () => {
        this.server.removeListener('error', reject)
        chmodSync(path, 0o600)
        resolve()
      })
      process.umask(mask)
      this.server.unref()
    })
  }

  close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      for (const client of this.clients) client.destroySoon()
    })
  }

  private accept(socket: Socket): void {
    if (this.clients.size >= CLIENTS_MAX) return void socket.destroy()
    this.clients.add(socket)
    socket.unref()
    socket.setEncoding('utf8')
    let text = ''
    socket.on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        this.answer(socket, line)
      }
      if (text.length > LINE_BYTES_MAX) socket.destroy()
    })
    // A client that goes away is no news.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.forget(socket))
  }

  private answer(socket: Socket, line: string): void {
    const call = parseCall(line)
    if (call === null) return send(socket, { type: 'error', ok: false, error: 'not a call this program knows' })
    if (call.op === 'status') return send(socket, { type: 'view', ...this.handlers.view() })
    if (call.op === 'watch') return this.watch(socket)
    if (call.op === 'reload') return send(socket, { type: 'done', ok: true, ...this.handlers.reload() })
    return send(socket, { type: 'done', ok: true, ...this.handlers.command(call.op, call.reason ?? 'control socket') })
  }

  private watch(socket: Socket): void {
    this.watchers.add(socket)
    send(socket, { type: 'view', ...this.handlers.view() })
    this.timer ??= setInterval(() => this.show(), VIEW_MS).unref()
  }

  private show(): void {
    const line: ControlLine = { type: 'view', ...this.handlers.view() }
    for (const watcher of this.watchers) if (watcher.writableLength < BEHIND_BYTES_MAX) send(watcher, line)
  }

  private forget(socket: Socket): void {
    this.clients.delete(socket)
    this.watchers.delete(socket)
    if (this.watchers.size > 0 || this.timer === null) return
    clearInterval(this.timer)
    this.timer = null
  }
}

function parseCall(line: string): ControlCall | null {
  try {
    const { op, reason } = (JSON.parse(line) ?? {}) as { op?: unknown; reason?: unknown }
    if (op === 'status' || op === 'watch' || op === 'reload') return { op }
    if (op !== 'halt' && op !== 'pause' && op !== 'resume') return null
    return typeof reason === 'string' ? { op, reason: reason.slice(0, 500) } : { op }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function send(socket: Socket, line: ControlLine): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
}

function privateFolder(folder: string): void {
  makeFolder(folder, 0o700)
  const { mode, uid } = lstatSync(folder)
  const isOurs = (mode & 0o170077) === 0o040000 && (process.getuid === undefined || uid === process.getuid())
  if (!isOurs) throw new Error(`${folder} is not a private folder of ours`)
}
