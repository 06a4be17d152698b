/** The bot's end of the line: asks the control socket to be told, keeps only the newest view, says when it is over. */
import { connect } from 'node:net'
import type { ControlLine, LiveView } from '../core/runtime/live-view.ts'

export interface Feed {
  /** Newest view, null before the first. */
  latest(): LiveView | null
  /** Resolves when the bot closed the line; rejects when it never opened. */
  readonly ended: Promise<void>
  close(): void
}

const LINE_MAX = 4 * 1024 * 1024

export function openFeed(socketPath: string, onView: () => void): Feed {
  let newest: LiveView | null = null
  let text = ''
  const socket = connect(socketPath)
  socket.setEncoding('utf8')
  socket.on('connect', () => socket.write('{"op":"watch"}\n'))
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.lastIndexOf('\n')
    if (end < 0) {
      if (text.length > LINE_MAX) socket.destroy(new Error('a view without end'))
      return
    }
    // Only the last complete line matters: what came before is already history.
    const line = text.slice(text.lastIndexOf('\n', end - 1) + 1, end)
    text = text.slice(end + 1)
    const view = parseView(line)
    if (view === null) return
    newest = view
    onView()
  })
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('error', (error) => (newest === null ? reject(error) : resolve()))
    socket.on('close', () => resolve())
  })
  return { latest: () => newest, ended, close: () => socket.destroy() }
}

function parseView(line: string): LiveView | null {
  const value = JSON.parse(line) as ControlLine
  return value.type === 'view' ? value : null
}
