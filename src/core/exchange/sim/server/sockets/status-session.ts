/**
 * `/v5/public/misc/status`: the `system.status` topic and ping. Announced maintenance windows are pushed when they begin
 * and when they end; their state follows the clock, here as in system/status.
 */
import type { Agenda } from '../agenda.ts'
import type { Json } from '../outcome.ts'
import type { Maintenance, MaintenanceWindow } from '../venue.ts'
import { idText, parseFrame, topicsOf } from './frame.ts'
import type { Hub } from './hub.ts'
import type { Session, SimConnection } from './session.ts'
import { Subscriptions } from './subscriptions.ts'

const TOPIC = 'system.status'

/** The windows as they stand at `nowMs`. */
export function maintenanceAt(windows: readonly MaintenanceWindow[], nowMs: number): readonly Maintenance[] {
  return windows.map(({ beginMs, endMs, ...rest }) => ({
    ...rest,
    state: nowMs < beginMs ? 'scheduled' : nowMs < endMs ? 'ongoing' : 'completed',
    begin: String(beginMs),
    end: String(endMs),
  }))
}

/** Plans the pushes of every window's begin and end. */
export function announceMaintenance(windows: readonly MaintenanceWindow[], agenda: Agenda, hub: Hub): void {
  for (const window of windows) {
    for (const atMs of [window.beginMs, window.endMs]) {
      if (atMs < agenda.nowMs()) continue
      agenda.at(atMs * 1_000, () => {
        const data = maintenanceAt([window], agenda.nowMs())
        hub.publish(TOPIC, TOPIC, JSON.stringify({ topic: TOPIC, ts: agenda.nowMs(), data }))
      })
    }
  }
}

export class StatusSession implements SimConnection {
  private readonly session: Session
  private readonly subscriptions: Subscriptions

  constructor(session: Session, hub: Hub) {
    this.session = session
    this.subscriptions = new Subscriptions(session, hub)
  }

  message(text: string): void {
    this.session.heard()
    const frame = parseFrame(text)
    const op = idText(frame?.['op'])
    const reqId = idText(frame?.['req_id'])
    if (op === 'ping') return this.say({ success: true, ret_msg: 'pong', req_id: reqId, op: 'ping' })
    const topics = topicsOf(frame?.['args'])
    if ((op !== 'subscribe' && op !== 'unsubscribe') || topics === null) {
      return this.say({ success: false, ret_msg: 'error:unknown op', req_id: reqId, op })
    }
    const fault = op === 'subscribe' ? this.subscriptions.fault(topics, (topic) => topic === TOPIC) : ''
    if (fault !== '') return this.say({ success: false, ret_msg: fault, req_id: reqId, op })
    for (const topic of topics) {
      if (op === 'subscribe') this.subscriptions.add(topic, topic)
      else this.subscriptions.remove(topic)
    }
    this.say({ success: true, ret_msg: '', req_id: reqId, op })
  }

  alive(): void {
    this.session.heard()
  }

  closed(): void {
    this.session.end()
  }

  private say(frame: Json): void {
    this.session.push('', JSON.stringify({ ...frame, conn_id: this.session.id }))
  }
}
