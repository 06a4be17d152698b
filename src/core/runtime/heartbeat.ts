/**
 * The run's side of `mm guard`: beats while it runs, and lets the guard rest only when the exchange showed zero. Whatever
 * else happens to this process, it falls silent, and the guard does the rest.
 */
import type { GuardAddress } from '../deadman/address.ts'
import { HeartbeatSender, type Identity } from '../deadman/sender.ts'

export interface HeartbeatOptions {
  /** Null: nobody guards this run. */
  readonly address: GuardAddress | null
  readonly identity: Identity
  say(text: string): void
}

export interface HeartbeatEnd {
  /** The run is over; `isZero`: nothing of ours is open, the exchange says so. */
  end(isZero: boolean): Promise<void>
}

/** Fails with GUARD_MISSING when the guard that was asked for does not answer. */
export async function startHeartbeat({ address, identity, say }: HeartbeatOptions): Promise<HeartbeatEnd> {
  if (address === null) return { end: () => Promise.resolve() }
  const sender = await HeartbeatSender.start({
    address,
    identity,
    onGuard: (isThere) => say(isThere ? 'the guard is back' : 'warning: the guard does not answer any more'),
  })
  say('the guard is armed')
  return {
    async end(isZero) {
      if (!isZero) return sender.close()
      if (!(await sender.stop())) say('warning: the guard did not hear that this run has ended; it may fire')
    },
  }
}
