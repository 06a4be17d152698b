/** The server's own time and its list of things to do later. Time moves only through `advance` of the core. */
import { type TimeUs, timeUs } from '../../../domain/units.ts'
import { Schedule } from '../../schedule.ts'

export class Agenda {
  private readonly schedule = new Schedule<() => void>()
  private currentUs: number

  constructor(startUs: TimeUs) {
    this.currentUs = startUs
  }

  nowUs(): TimeUs {
    return timeUs(this.currentUs)
  }

  nowMs(): number {
    return Math.floor(this.currentUs / 1_000)
  }

  /** Runs `action` at `atUs`, or as soon as time moves when that has passed. */
  at(atUs: number, action: () => void): void {
    this.schedule.push(Math.max(atUs, this.currentUs), action)
  }

  after(delayUs: number, action: () => void): void {
    this.at(this.currentUs + delayUs, action)
  }

  nextUs(): number {
    return this.schedule.nextUs()
  }

  /** Moves time and runs what is due by then, in order. */
  runUntil(nowUs: number): void {
    this.currentUs = Math.max(this.currentUs, nowUs)
    for (let action = this.schedule.popDue(nowUs); action; action = this.schedule.popDue(nowUs)) action()
  }
}
