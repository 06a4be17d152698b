/** Time as the runtime sees it: the machine's, or that of a virtual wire. Nothing in runtime/ reads a clock elsewhere. */
import { type TimeUs, timeUs } from '../domain/units.ts'
import type { TimerId, Wire } from '../exchange/wire.ts'

export interface Clock {
  /** µs since the epoch. */
  nowUs(): TimeUs
  after(delayUs: number, fire: () => void): TimerId
  cancelTimer(timer: TimerId): void
  /** Runs `fire` once everything that is ready now has been heard. */
  whenIdle(fire: () => void): void
}

/** The machine's clock. A step of the wall clock does not reach it: it counts on from the start of the process. */
export function realClock(): Clock {
  const timers = new Map<TimerId, NodeJS.Timeout>()
  let next = 1
  return {
    nowUs: () => timeUs(Math.round((performance.timeOrigin + performance.now()) * 1000)),
    after(delayUs, fire) {
      const timer = next++
      const handle = setTimeout(
        () => {
          timers.delete(timer)
          fire()
        },
        Math.ceil(delayUs / 1000),
      )
      timers.set(timer, handle)
      return timer
    },
    cancelTimer(timer) {
      clearTimeout(timers.get(timer))
      timers.delete(timer)
    },
    whenIdle: (fire) => void setImmediate(fire),
  }
}

/** The clock of a wire: under virtual time "idle" is when all that happens at this instant has happened. */
export function wireClock(wire: Wire): Clock {
  return {
    nowUs: () => wire.nowUs(),
    after: (delayUs, fire) => wire.after(delayUs, fire),
    cancelTimer: (timer) => wire.cancelTimer(timer),
    whenIdle: (fire) => void wire.after(0, fire),
  }
}

/** Waits on a clock. */
export function sleep(clock: Clock, delayUs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayUs, resolve))
}
