/** The bot's side: only an answer to a beat of this very run says that a guard is there. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { decode, encodeAck } from '../../src/core/deadman/message.ts'
import { HeartbeatSender } from '../../src/core/deadman/sender.ts'

const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex')
const CASES = [
  { what: 'the counter of the beat', of: (counter: number) => counter, isGuard: true },
  { what: 'a recording of an earlier run', of: (counter: number) => counter - 60_000_000, isGuard: false },
  { what: 'a counter that was never sent', of: (counter: number) => counter + 60_000_000, isGuard: false },
]
test.for(CASES)('answered with $what', async ({ of, isGuard }) => {
  const guard = createSocket('udp4')
  guard.on('message', (bytes, from) => {
    const { counter } = decode(bytes.toString(), key) ?? { counter: 0 }
    guard.send(encodeAck(of(counter), key), from.port, from.address)
  })
  guard.bind(0, '127.0.0.1')
  await once(guard, 'listening')
  const address = { kind: 'udp', host: '127.0.0.1', port: guard.address().port, key } as const
  const identity = { bot: 'mm00-1abcdef', venue: 'paper', exchangeUrl: '', createWindowMs: 1_000, stateDir: '' }
  const started = await HeartbeatSender.start({ address, identity, onGuard: () => undefined }).then(
    (sender) => {
      sender.close()
      return 'started'
    },
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
  guard.close()
  expect(started).toBe(isGuard ? 'started' : 'GUARD_MISSING')
})
