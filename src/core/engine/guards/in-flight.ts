/**
 * What may be on its way at once, by side: so many requests that the exchange has not confirmed, and so much time between
 * one decision that places or moves quotes and the next. A limit for the symbol would let one busy side starve the other.
 * An amend that only backs away is not held up: refused, it would cost a cancel and a place.
 *
 * @hot
 */
import type { Side } from '../../domain/units.ts'
import type { Guard, GuardPack } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const MANY = 'too many requests of this side are not confirmed yet'
const SOON = 'the last change of this side is too short ago'

const keys: readonly PackKey[] = [
  {
    name: 'requestsMax',
    description: 'Places and amends of one side of a symbol that wait for their confirmation, at most.',
    unit: 'requests',
    min: 1,
    max: 10,
    default: 3,
    example: 3,
    mutable: true,
    isInteger: true,
  },
  {
    name: 'replaceUsMin',
    description: 'Shortest time between two decisions that place orders of one side or move them closer.',
    unit: 'µs',
    min: 0,
    max: 60_000_000,
    default: 40_000,
    example: 40_000,
    mutable: true,
    isInteger: true,
  },
]

function create(params: PackParams): Guard {
  const requestsMax = param(keys, params, 'requestsMax')
  const replaceUsMin = param(keys, params, 'replaceUsMin')
  // When each side was last changed: sells, then buys.
  const changedUs = new Float64Array(2)
  return {
    check(view, proposal) {
      if (proposal.isRetreat) return null
      if (proposal.inFlight >= requestsMax) return MANY
      // What one decision sends is one change.
      const sinceUs = view.nowUs - changedUs[(proposal.side + 1) >> 1]!
      return sinceUs > 0 && sinceUs < replaceUsMin ? SOON : null
    },
    onSent(kind, nowUs, side: Side) {
      if (kind !== 'cancel') changedUs[(side + 1) >> 1] = nowUs
    },
  }
}

export const pack: GuardPack = {
  id: 'in-flight',
  doc: 'Limits, for each side of a symbol, the requests on their way and how often quotes are changed.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'one short of the limit',
      params: { requestsMax: 2 },
      proposal: { inFlight: 1 },
      refusal: null,
    },
    {
      name: 'the limit is reached',
      params: { requestsMax: 2 },
      proposal: { inFlight: 2 },
      refusal: MANY,
    },
    {
      name: 'backing away is not held up',
      params: { requestsMax: 2, replaceUsMin: 10 },
      sent: [{ kind: 'amend', nowUs: 100, side: 1 }],
      view: { nowUs: 101 },
      proposal: { kind: 'amend', side: 1, inFlight: 2, isRetreat: true },
      refusal: null,
    },
    {
      name: 'more of the same decision',
      params: { replaceUsMin: 10 },
      sent: [{ kind: 'place', nowUs: 100, side: 1 }],
      view: { nowUs: 100 },
      proposal: { side: 1 },
      refusal: null,
    },
    {
      name: 'the next one too soon',
      params: { replaceUsMin: 10 },
      sent: [{ kind: 'place', nowUs: 100, side: 1 }],
      view: { nowUs: 109 },
      proposal: { side: 1 },
      refusal: SOON,
    },
    {
      name: 'the next one in time',
      params: { replaceUsMin: 10 },
      sent: [{ kind: 'place', nowUs: 100, side: 1 }],
      view: { nowUs: 110 },
      proposal: { side: 1 },
      refusal: null,
    },
    {
      name: 'the other side has its own time',
      params: { replaceUsMin: 10 },
      sent: [{ kind: 'place', nowUs: 100, side: 1 }],
      view: { nowUs: 101 },
      proposal: { side: -1 },
      refusal: null,
    },
    {
      name: 'a cancel is no change',
      params: { replaceUsMin: 10 },
      sent: [{ kind: 'cancel', nowUs: 100, side: 1 }],
      view: { nowUs: 101 },
      proposal: { side: 1 },
      refusal: null,
    },
  ],
}
