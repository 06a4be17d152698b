/**
 * The one place through which everything leaves: HTTP replies, answers on sockets, stream frames. Here a message gets
 * its delay (ack leg or stream leg, drawn apart), and here a fault may lose, delay, double or replace it.
 */
import type { HttpReply } from '../../wire.ts'
import type { LatencyModel } from '../latency.ts'
import type { Agenda } from './agenda.ts'
import type { Faults } from './faults.ts'
import { alteredFrames } from './frame-faults.ts'
import type { Session } from './sockets/session.ts'

export interface Legs {
  /** From a request's arrival to its answer. */
  readonly ack: LatencyModel
  /** From matching to the stream frame. */
  readonly stream: LatencyModel
}

export interface Frame {
  readonly session: Session
  /** '' for answers. */
  readonly topic: string
  readonly text: string
  /** Order on one socket: when the frame ahead of it leaves. */
  readonly notBeforeUs: number
}

export class Outbox {
  private readonly agenda: Agenda
  private readonly legs: Legs
  private readonly faults: Faults

  constructor(agenda: Agenda, legs: Legs, faults: Faults) {
    this.agenda = agenda
    this.legs = legs
    this.faults = faults
  }

  /** An HTTP reply to the request `endpoint` ("POST /v5/order/create"). */
  http(endpoint: string, reply: HttpReply, send: (reply: HttpReply | 'reset') => void): void {
    const fault = this.faults.take('reply', endpoint)
    if (fault?.effect === 'lose') return
    const replaced = fault?.reply ?? reply
    const delayUs = this.legs.ack.nextUs() + (fault?.delayUs ?? 0)
    this.agenda.after(delayUs, () => send(fault?.effect === 'reset' ? 'reset' : replaced))
  }

  /** An answer on a socket; gives the time it leaves. */
  answer(frame: Frame): number {
    return this.leave(frame, this.legs.ack.nextUs())
  }

  /** A stream frame; gives the time it leaves. */
  push(frame: Frame): number {
    const fault = this.faults.take('push', frame.topic)
    if (fault?.effect === 'lose') return frame.notBeforeUs
    const legUs = this.legs.stream.nextUs()
    // A frame held back does not hold those behind it: that is how messages come out of order.
    if (fault?.effect === 'delay') {
      this.leave(frame, legUs + fault.delayUs)
      return frame.notBeforeUs
    }
    if (fault?.effect === 'reset') {
      frame.session.close(1006, 'connection reset')
      return frame.notBeforeUs
    }
    if (fault === null) return this.leave(frame, legUs)
    let notBeforeUs = frame.notBeforeUs
    for (const text of alteredFrames(fault.effect, frame.text)) {
      notBeforeUs = this.leave({ ...frame, text, notBeforeUs }, legUs)
    }
    return notBeforeUs
  }

  /** True while nothing may leave a socket of this path: half-open. */
  isMute(path: string): boolean {
    return this.faults.isStanding('mute', path)
  }

  private leave(frame: Frame, delayUs: number): number {
    const atUs = Math.max(frame.notBeforeUs, this.agenda.nowUs() + delayUs)
    if (atUs <= this.agenda.nowUs()) frame.session.deliver(frame.text)
    else this.agenda.at(atUs, () => frame.session.deliver(frame.text))
    return atUs
  }
}
