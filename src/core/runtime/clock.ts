/** Time as the runtime sees it: the machine's, or that of a virtual wire. Nothing in runtime/ reads a clock elsewhere. */
import type { TimeUs } from '../domain/units.ts'
import type { TimerId, Wire } from '../exchange/wire.ts'

export interface Clock {
  /** µs since the epoch. */
  nowUs(): TimeUs
  after(delayUs: number, fire: () => void): TimerId
  cancelTimer(timer: TimerId): void
  /** Runs `fire` once everything that has come in by now has been heard. */
  whenIdle(fire: () => void): void
}

/**
 * The clock of a real wire: idle is when everything that one read of a socket brought has been heard. Waiting for the
 * other sockets, too, would make a quote wait for the parsing of acks: 37 µs instead of 20 µs in bench/tick-to-request.
 */
export function realClock(wire: Wire): Clock {
  return { ...timersOf(wire), whenIdle: (fire) => process.nextTick(fire) }
}

/** The clock of a virtual wire: idle is when all that happens at this instant has happened. */
export function virtualClock(wire: Wire): Clock {
  return { ...timersOf(wire), whenIdle: (fire) => void wire.after(0, fire) }
}

function timersOf(wire: Wire): Omit<Clock, 'whenIdle'> {
  return {
    nowUs: () => wire.nowUs(),
    after: (delayUs, fire) => wire.after(delayUs, fire),
    cancelTimer: (timer) => wire.cancelTimer(timer),
  }
}

/** Waits on a clock. */
export function sleep(clock: Clock, delayUs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayUs, resolve))
}
