/**
 * A bot for a guard: beats as told, then does what the test wants. argv: address, key file, exchange URL, state folder,
 * manner: `beat` for ever · `stop` in order after the first line on stdin. Holds the lock of the state folder.
 */
import { acquireLock } from '../../src/core/run-lock.ts'
import { guardAddress } from '../../src/core/deadman/address.ts'
import { HeartbeatSender } from '../../src/core/deadman/sender.ts'

const [address = '', keyFile = '', exchangeUrl = '', stateDir = ''] = process.argv.slice(2)
if (stateDir !== '') {
  const lock = { startedMs: Date.now(), venue: 'paper', exchangeUrl, orderPrefix: 'mm00-', createWindowMs: 1_000 }
  acquireLock(stateDir, { ...lock, controlSocket: '' })
}
const sender = await HeartbeatSender.start({
  address: guardAddress(address, keyFile),
  identity: { bot: 'mm00-1abcdef-', venue: 'paper', exchangeUrl, createWindowMs: 1_000, stateDir },
  onGuard: (isThere) => process.stdout.write(`guard ${isThere ? 'there' : 'silent'}\n`),
}).catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(4)
})
// Keeps the loop alive: the sender's own timer does not.
const alive = setInterval(() => undefined, 1_000)
process.on('SIGUSR2', () => {
  void sender.stop().then((isHeard) => {
    process.stdout.write(`stopped ${isHeard}\n`)
    clearInterval(alive)
  })
})
// Last: who reads it may send the signal in the same moment, and without its handler it kills.
process.stdout.write('beating\n')
