/** Ports under the test's hand: a clock that moves when told, an exchange that answers what the test scripted. */
import type { RequestBuffer } from '../../src/core/domain/request.ts'
import { timeUs } from '../../src/core/domain/units.ts'
import type { AccountPosition, Exchange, OpenOrder, PastExecution } from '../../src/core/exchange/port.ts'
import { Schedule } from '../../src/core/exchange/schedule.ts'
import type { Clock } from '../../src/core/runtime/clock.ts'

/** Virtual time; promises settle between steps. */
export class TestClock implements Clock {
  private us = 1_000_000
  private readonly schedule = new Schedule<{ readonly timer: number; readonly fire: () => void }>()
  private readonly cancelled = new Set<number>()
  private nextTimer = 1

  nowUs() {
    return timeUs(this.us)
  }

  after(delayUs: number, fire: () => void): number {
    const timer = this.nextTimer++
    this.schedule.push(this.us + delayUs, { timer, fire })
    return timer
  }

  cancelTimer(timer: number): void {
    this.cancelled.add(timer)
  }

  whenIdle(fire: () => void): void {
    this.after(0, fire)
  }

  /** Everything due within `us`, promises included. */
  async pass(us: number): Promise<void> {
    const endUs = this.us + us
    await settle()
    while (this.schedule.nextUs() <= endUs) {
      const next = this.schedule.pop()
      if (next === undefined) break
      this.us = Math.max(this.us, next.atUs)
      if (!this.cancelled.delete(next.item.timer)) next.item.fire()
      await settle()
    }
    this.us = endUs
  }

  /** Until the work is done; throws when that takes longer than `limitUs`. */
  async until<T>(work: Promise<T>, limitUs: number): Promise<T> {
    const outcome = { isDone: false }
    const mark = (): void => {
      outcome.isDone = true
    }
    work.then(mark, mark)
    for (const endUs = this.us + limitUs; !outcome.isDone && this.us < endUs; ) await this.pass(10_000)
    if (!outcome.isDone) throw new Error('the work does not end in time')
    return work
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export interface Sent {
  readonly kind: string
  readonly order: number
}

export class ScriptedExchange implements Exchange {
  live: OpenOrder[] = []
  readonly sent: Sent[] = []
  readonly canceled: string[] = []
  looks = 0
  executions: PastExecution[] = []
  held: AccountPosition[] = []
  /** Called before each listing: to fail, or to change what is open. */
  onLook: () => void = () => undefined
  onCancel: (orders: readonly OpenOrder[]) => void = (orders) => {
    const ids = new Set(orders.map(({ orderId }) => orderId))
    this.live = this.live.filter(({ orderId }) => !ids.has(orderId))
  }

  send(requests: RequestBuffer): void {
    for (let i = 0; i < requests.length; i++) {
      const { kind, order } = requests.at(i)
      this.sent.push({ kind, order })
    }
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    this.looks++
    return new Promise((resolve) => {
      this.onLook()
      resolve([...this.live])
    })
  }

  cancelByIds(orders: readonly OpenOrder[]): Promise<void> {
    this.canceled.push(...orders.map(({ orderId }) => orderId))
    this.onCancel(orders)
    return Promise.resolve()
  }

  instruments(): Promise<never[]> {
    return Promise.resolve([])
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  positions(): Promise<readonly AccountPosition[]> {
    return Promise.resolve(this.held)
  }

  executionsSince(fromMs: number): Promise<readonly PastExecution[]> {
    return Promise.resolve(this.executions.filter(({ timeMs }) => timeMs >= fromMs))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

export const orderOf = (id: string): OpenOrder => ({ symbol: 'BTCUSDT', orderId: `x-${id}`, orderLinkId: id })
