/**
 * Token buckets for requests: one for places, one for amends, one for everything together. The last part of the common
 * bucket is kept for cancels, which are counted and never refused. Integers only: tokens are kept in millionths.
 *
 * @hot
 */
import { US_PER_S } from '../../domain/units.ts'
import type { Guard, GuardPack } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const PLACES = 'the rate of places is used up'
const AMENDS = 'the rate of amends is used up'
const TOTAL = 'the rest of the request rate is kept for cancels'

const rate = (name: string, what: string, defaultRate: number, max: number): PackKey => ({
  name,
  description: what,
  unit: name.endsWith('PerS') ? '1/s' : 'requests',
  min: 0,
  max,
  default: defaultRate,
  example: defaultRate,
  mutable: true,
  isInteger: true,
})

const keys: readonly PackKey[] = [
  rate('placesPerS', 'Places a second in the long run.', 10, 1_000_000),
  rate('placesBurst', 'Places at once after a quiet time.', 10, 1_000_000),
  rate('amendsPerS', 'Amends a second in the long run.', 10, 1_000_000),
  rate('amendsBurst', 'Amends at once after a quiet time.', 10, 1_000_000),
  rate('totalPerS', 'Requests of all kinds a second in the long run.', 30, 1_000_000),
  rate('totalBurst', 'Requests of all kinds at once after a quiet time.', 30, 1_000_000),
  rate('cancelReserve', 'Requests of the common burst that only cancels may use.', 10, 1_000_000),
]

function create(params: PackParams): Guard {
  const places = new Bucket(param(keys, params, 'placesPerS'), param(keys, params, 'placesBurst'))
  const amends = new Bucket(param(keys, params, 'amendsPerS'), param(keys, params, 'amendsBurst'))
  const total = new Bucket(param(keys, params, 'totalPerS'), param(keys, params, 'totalBurst'))
  const reserve = param(keys, params, 'cancelReserve')
  return {
    check(view, proposal) {
      const own = proposal.kind === 'place' ? places : amends
      if (!own.has(1, view.nowUs)) return proposal.kind === 'place' ? PLACES : AMENDS
      return total.has(1 + reserve, view.nowUs) ? null : TOTAL
    },
    onSent(kind, nowUs) {
      if (kind === 'place') places.take(nowUs)
      if (kind === 'amend') amends.take(nowUs)
      total.take(nowUs)
    },
  }
}

class Bucket {
  private millionths: number
  private atUs = 0
  private readonly perS: number
  private readonly capacity: number

  constructor(perS: number, burst: number) {
    this.perS = perS
    this.capacity = burst * US_PER_S
    this.millionths = this.capacity
  }

  has(count: number, nowUs: number): boolean {
    this.refill(nowUs)
    return this.millionths >= count * US_PER_S
  }

  // Cancels may overdraw, by no more than a whole bucket: what follows waits until that is paid back.
  take(nowUs: number): void {
    this.refill(nowUs)
    this.millionths = Math.max(this.millionths - US_PER_S, -this.capacity)
  }

  private refill(nowUs: number): void {
    if (nowUs <= this.atUs) return
    const gained = (nowUs - this.atUs) * this.perS
    this.millionths = Math.min(this.millionths + gained, this.capacity)
    this.atUs = nowUs
  }
}

const at = (nowUs: number, kind: 'place' | 'amend' | 'cancel', count: number) =>
  Array.from({ length: count }, () => ({ kind, nowUs, side: 1 as const }))

export const pack: GuardPack = {
  id: 'request-rate',
  doc: 'Limits places, amends and all requests together, and keeps a part for cancels, which are never refused.',
  scope: 'run',
  keys,
  create,
  cases: [
    {
      name: 'the burst is there at once',
      params: { placesBurst: 2 },
      sent: at(1, 'place', 1),
      view: { nowUs: 1 },
      proposal: { kind: 'place' },
      refusal: null,
    },
    {
      name: 'and no more than the burst',
      params: { placesBurst: 2 },
      sent: at(1, 'place', 2),
      view: { nowUs: 1 },
      proposal: { kind: 'place' },
      refusal: PLACES,
    },
    {
      name: 'a token comes back in its time',
      params: { placesBurst: 2, placesPerS: 10 },
      sent: at(1, 'place', 2),
      view: { nowUs: 100_001 },
      proposal: { kind: 'place' },
      refusal: null,
    },
    {
      name: 'and not a microsecond sooner',
      params: { placesBurst: 2, placesPerS: 10 },
      sent: at(1, 'place', 2),
      view: { nowUs: 100_000 },
      proposal: { kind: 'place' },
      refusal: PLACES,
    },
    {
      name: 'amends have a bucket of their own',
      params: { placesBurst: 1, amendsBurst: 1 },
      sent: at(1, 'place', 1),
      view: { nowUs: 1 },
      proposal: { kind: 'amend' },
      refusal: null,
    },
    {
      name: 'which runs out as well',
      params: { amendsBurst: 1 },
      sent: at(1, 'amend', 1),
      view: { nowUs: 1 },
      proposal: { kind: 'amend' },
      refusal: AMENDS,
    },
    {
      name: 'cancels use the common bucket down to the reserve',
      params: { totalBurst: 10, cancelReserve: 4 },
      sent: at(1, 'cancel', 6),
      view: { nowUs: 1 },
      proposal: { kind: 'place' },
      refusal: TOTAL,
    },
    {
      name: 'cancels overdraw, and what follows pays it back',
      params: { totalBurst: 10, totalPerS: 10, cancelReserve: 0 },
      sent: at(1, 'cancel', 50),
      view: { nowUs: 1_100_000 },
      proposal: { kind: 'place' },
      refusal: TOTAL,
    },
    {
      name: 'at most one bucket',
      params: { totalBurst: 10, totalPerS: 10, cancelReserve: 0 },
      sent: at(1, 'cancel', 50),
      view: { nowUs: 1_100_001 },
      proposal: { kind: 'place' },
      refusal: null,
    },
  ],
}
