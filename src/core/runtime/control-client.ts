/** The other end of the control socket: what `mm status` and tests use to talk to a running bot. */
import { connect } from 'node:net'
import { MmError } from '../errors.ts'
import { readLatch } from '../latch.ts'
import { readLock } from '../run-lock.ts'
import { controlPath } from './control.ts'
import type { ControlCall, ControlLine } from './live-view.ts'

/** Where the bot of this state folder listens: what its lock says, else the usual place. */
export function socketOf(stateDir: string): string {
  const lock = readLock(stateDir)
  const stated = lock.state === 'held' ? lock.record.controlSocket : ''
  return stated === '' ? controlPath(stateDir) : stated
}

/** A bot answers from the loop that trades: one that needs longer hangs. A reload asks files and accounts first. */
const PATIENCE_MS: Readonly<Partial<Record<ControlCall['op'], number>>> = { reload: 60_000 }
const STATUS_MS = 5_000

/**
 * Sends one call; `hear` gets each line until it returns false or the bot goes away. Throws NO_BOT when nobody is there,
 * BOT_SILENT when somebody is and does not answer.
 */
export function callBot(
  stateDir: string,
  call: ControlCall,
  hear: (line: ControlLine) => boolean,
  patienceMs = PATIENCE_MS[call.op] ?? STATUS_MS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketOf(stateDir))
    let text = ''
    let isHeard = false
    const timer = setTimeout(() => {
      reject(new MmError('BOT_SILENT', { dir: stateDir, seconds: Math.ceil(patienceMs / 1_000) }))
      socket.destroy()
    }, patienceMs)
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${JSON.stringify(call)}\n`))
    socket.on('data', (chunk: string) => {
      clearTimeout(timer)
      text += chunk
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        isHeard = true
        const line = JSON.parse(text.slice(0, end)) as ControlLine
        text = text.slice(end + 1)
        if (hear(line)) continue
        socket.end()
        return
      }
    })
    const end = (error?: Error): void => {
      clearTimeout(timer)
      if (isHeard) resolve()
      else reject(new MmError('NO_BOT', { dir: stateDir, latch: latchText(stateDir) }, error))
    }
    socket.on('error', end)
    socket.on('close', () => end())
  })
}

// Why nobody is there: the reason of a halt is what whoever asks at night wants to know.
function latchText(stateDir: string): string {
  const latch = readLatch(stateDir)
  if (latch.state === 'clear') return ''
  return latch.state === 'halted'
    ? `; the HALT latch is set (${latch.record.reason}, evidence ${latch.record.evidenceId})`
    : `; the HALT latch counts as set (${latch.why})`
}
