/** `mm guard` from its flags to its end: address, options, signals. */
import { optionsOf, type RawFlags } from '../cancel/options.ts'
import { fail } from '../errors.ts'
import { stopSignal } from '../stop-signal.ts'
import { guardAddress } from './address.ts'
import { listenLocal, listenUdp } from './channel.ts'
import { Guard, type GuardIo } from './guard.ts'
import type { Heartbeat } from './message.ts'

export interface GuardFlags {
  readonly ttlMs: number
  /** Path of a socket, or HOST:PORT. */
  readonly address: string
  readonly keyFile: string
  readonly alertUrl: string
  /** Flags of `mm cancel-all`. */
  readonly cancel: RawFlags
}

const SELF_TEST_MS = 3_600_000

/** Watches until SIGINT or SIGTERM. */
export async function runGuard(flags: GuardFlags, io: GuardIo): Promise<void> {
  const cancel = optionsOf(flags.cancel)
  if (typeof cancel === 'string') return fail('USAGE', { what: cancel })
  const { alertUrl } = flags
  if (alertUrl !== '' && !/^https?:$/.test(URL.parse(alertUrl)?.protocol ?? ''))
    fail('USAGE', { what: `--alert ${alertUrl}: not a web address` })
  const address = guardAddress(flags.address, flags.keyFile)
  const isRemote = address.kind === 'udp'
  const guard = new Guard({ ttlMs: flags.ttlMs, selfTestMs: SELF_TEST_MS, cancel, alertUrl, isRemote }, io)
  const hear = (heartbeat: Heartbeat): boolean => guard.hear(heartbeat)
  const stopped = stopSignal()
  const channel = await (address.kind === 'udp'
    ? listenUdp(address.host, address.port, address.key, hear)
    : listenLocal(address.path, hear))
  io.emit({ type: 'listening', where: channel.where, ttlMs: flags.ttlMs })
  io.say(`listening on ${channel.where}; fires after ${flags.ttlMs / 1_000} s of silence`)
  guard.start()
  await stopped
  channel.close()
  await guard.stop()
}
