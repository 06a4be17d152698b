/** The other end of the control socket: what `mm status` and tests use to talk to a running bot. */
import { connect } from 'node:net'
import { MmError } from '../errors.ts'
import { readLock } from '../run-lock.ts'
import { controlPath } from './control.ts'
import type { ControlCall, ControlLine } from './live-view.ts'

/** Where the bot of this state folder listens: what its lock says, else the usual place. */
export function socketOf(stateDir: string): string {
  const lock = readLock(stateDir)
  const stated = lock.state === 'held' ? lock.record.controlSocket : ''
  return stated === '' ? controlPath(stateDir) : stated
}

/** Sends one call; `hear` gets each line until it returns false or the bot goes away. Throws NO_BOT when nobody answers. */
export function callBot(stateDir: string, call: ControlCall, hear: (line: ControlLine) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketOf(stateDir))
    let text = ''
    let isHeard = false
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${JSON.stringify(call)}\n`))
    socket.on('data', (chunk: string) => {
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
      if (isHeard) resolve()
      else reject(new MmError('NO_BOT', { dir: stateDir }, error))
    }
    socket.on('error', end)
    socket.on('close', () => end())
  })
}
