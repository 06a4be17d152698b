/**
 * Time that nobody waits for: it stands still while anything is under way, and then goes on to the next thing due, at the
 * server or at a client. The same pushes give the same run; nothing here reads a clock. What joins the two sides (no
 * sockets at all, or real ones in a test) says when everything has arrived.
 */
import { invariant } from '../domain/invariant.ts'
import { type TimeUs, timeUs } from '../domain/units.ts'
import { Schedule } from './schedule.ts'

const QUIET_STEPS = 256

export type Action = () => void

/** Does its own work when its time comes. */
export interface Timed {
  /** Of the next thing it does by itself; Infinity for none. */
  nextUs(): number
  advance(toUs: TimeUs): void
}

export abstract class VirtualTime {
  abstract readonly server: Timed
  private readonly schedule = new Schedule<Action>()
  private currentUs: number
  private isStopped = false

  constructor(startUs: TimeUs) {
    this.currentUs = startUs
  }

  nowUs(): TimeUs {
    return timeUs(this.currentUs)
  }

  /** Runs `action` at a virtual time (at once in order, if that has passed). Infinity: never. */
  at(atUs: number, action: Action): void {
    if (atUs === Number.POSITIVE_INFINITY) return
    this.schedule.push(Math.max(atUs, this.currentUs), action)
  }

  /** Does everything due at or before `untilUs`; the time is `untilUs` afterwards unless `stop` was called. */
  async run(untilUs: number): Promise<void> {
    this.isStopped = false
    await this.settle()
    while (!this.isStopped && this.stepOnce(untilUs)) await this.settle()
    if (!this.isStopped) this.advance(untilUs)
  }

  /** Runs until `work` settles and gives its result. Throws when that has not happened by `limitUs`. */
  async complete<T>(work: Promise<T>, limitUs: number): Promise<T> {
    const outcome = { isSettled: false }
    const mark = (): void => {
      outcome.isSettled = true
    }
    work.then(mark, mark)
    await this.settle()
    while (!outcome.isSettled && this.stepOnce(limitUs)) await this.settle()
    invariant(outcome.isSettled, `virtual time: nothing due before ${limitUs} settles the work`)
    return work
  }

  /** Makes the `run` in progress return after the current event. */
  stop(): void {
    this.isStopped = true
  }

  /** Time of the next event of server or clients; Infinity when all is quiet for ever. */
  nextUs(): number {
    return Math.min(this.server.nextUs(), this.schedule.nextUs())
  }

  /** Resolves when nothing is under way any more: only then time may go on. */
  protected abstract settle(): Promise<void>

  /** The server has said something by itself that a client has yet to hear. */
  protected isTold(): boolean {
    return false
  }

  // Up to the next client action, or to the end of what the server does by itself: only a client can make microtasks.
  // The server's own work goes first at equal times.
  private stepOnce(untilUs: number): boolean {
    for (let quiet = 0; quiet < QUIET_STEPS; quiet++) {
      const nextUs = this.nextUs()
      if (nextUs > untilUs || nextUs === Number.POSITIVE_INFINITY) return quiet > 0
      this.advance(nextUs)
      if (this.isTold()) return true
      const action = this.schedule.popDue(this.currentUs)
      if (action === undefined) continue
      action()
      return true
    }
    return true
  }

  private advance(toUs: number): void {
    this.currentUs = Math.max(this.currentUs, toUs)
    this.server.advance(timeUs(this.currentUs))
  }
}
