/**
 * A writer process for fences to meet: holds the lock of a state folder and behaves on its control socket as told:
 * `answer` halts, `silent` never says a word, `deaf` is silent and ignores SIGTERM. Prints one line when it is ready.
 */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { acquireLock } from '../../src/core/run-lock.ts'

const [stateDir = '', exchangeUrl = '', manner = 'answer'] = process.argv.slice(2)
const controlSocket = join(stateDir, 'control.sock')
acquireLock(stateDir, {
  startedMs: Date.now(),
  venue: 'paper',
  exchangeUrl,
  orderPrefix: 'mm00-',
  createWindowMs: 1_000,
  controlSocket,
})
if (manner === 'deaf') process.on('SIGTERM', () => undefined)
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  if (manner !== 'answer') return
  socket.on('data', () => {
    socket.write(`${JSON.stringify({ ok: true, maxSignedMs: Date.now(), windowMs: 1_000, inFlight: 0 })}\n`)
  })
})
server.listen(controlSocket, () => process.stdout.write('ready\n'))
