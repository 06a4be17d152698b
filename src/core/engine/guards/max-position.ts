/**
 * Hard cap on the position, counting everything of one side filling: open, in-flight, amending, unknown orders and
 * fills not yet seen. Looks at each side alone, so the side that reduces a position stays possible at any time.
 *
 * @hot
 */
import { type Guard, type GuardPack, UNJUDGED_US_MAX, type Proposal, type RiskView, type Standing } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const LONG = 'the position would exceed the limit if all buys filled'
const SHORT = 'the position would exceed the limit if all sells filled'

const OVER_LONG: Standing = { pullBids: true, pullAsks: false, halt: false, reason: LONG }
const OVER_SHORT: Standing = { pullBids: false, pullAsks: true, halt: false, reason: SHORT }
const OVER_BOTH: Standing = { pullBids: true, pullAsks: true, halt: false, reason: 'both sides exceed the limit' }

const keys: readonly PackKey[] = [
  {
    name: 'limitLots',
    description: 'Largest long or short position, everything of one side filling. 0 lets nothing be added.',
    unit: 'lots',
    min: 0,
    max: 1e12,
    default: 0,
    example: 100,
    mutable: true,
    isInteger: true,
  },
]

function create(params: PackParams): Guard {
  const limitLots = param(keys, params, 'limitLots')

  // What may be added on the proposal's side; an amend gives back what the order reserves already.
  function roomLots(view: Readonly<RiskView>, proposal: Readonly<Proposal>): number {
    if (reduces(view, proposal)) return Number.MAX_SAFE_INTEGER
    const worst = proposal.side === 1 ? view.positionLots + view.openBuyLots : -view.positionLots + view.openSellLots
    return limitLots - worst + proposal.reservedLots
  }

  return {
    roomLots,
    check(view, proposal) {
      // Until an amend is confirmed the old size may still fill: making an order smaller never adds risk.
      if (proposal.kind === 'amend' && proposal.sizeLots < proposal.reservedLots) return null
      if (proposal.sizeLots <= roomLots(view, proposal)) return null
      return proposal.side === 1 ? LONG : SHORT
    },
    judgeInUs: () => UNJUDGED_US_MAX,
    judge(view) {
      const isLong = view.positionLots + view.openBuyLots > limitLots
      const isShort = -view.positionLots + view.openSellLots > limitLots
      if (isLong) return isShort ? OVER_BOTH : OVER_LONG
      return isShort ? OVER_SHORT : null
    },
  }
}

function reduces(view: Readonly<RiskView>, proposal: Readonly<Proposal>): boolean {
  return proposal.isReduceOnly && proposal.side * view.positionLots < 0
}

export const pack: GuardPack = {
  id: 'max-position',
  doc: 'Refuses an order that could take the position past a limit, and pulls the side that already could.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'allows exactly up to the limit',
      params: { limitLots: 100 },
      view: { positionLots: 60, openBuyLots: 30 },
      proposal: { side: 1, sizeLots: 10 },
      refusal: null,
      roomLots: 10,
      standing: null,
    },
    {
      name: 'refuses one lot more',
      params: { limitLots: 100 },
      view: { positionLots: 60, openBuyLots: 30 },
      proposal: { side: 1, sizeLots: 11 },
      refusal: LONG,
    },
    {
      name: 'lets the other side reduce a position beyond the limit',
      params: { limitLots: 100 },
      view: { positionLots: 150 },
      proposal: { side: -1, sizeLots: 200 },
      refusal: null,
      roomLots: 250,
      standing: OVER_LONG,
    },
    {
      name: 'counts a short position and open sells',
      params: { limitLots: 100 },
      view: { positionLots: -90, openSellLots: 10 },
      proposal: { side: -1, sizeLots: 1 },
      refusal: SHORT,
      roomLots: 0,
    },
    {
      name: 'an amend gives back what its order reserves',
      params: { limitLots: 100 },
      view: { positionLots: 90, openBuyLots: 10 },
      proposal: { kind: 'amend', side: 1, sizeLots: 10, reservedLots: 10 },
      refusal: null,
      roomLots: 10,
    },
    {
      name: 'never refuses to make an order smaller',
      params: { limitLots: 50 },
      view: { positionLots: 90, openBuyLots: 10 },
      proposal: { kind: 'amend', side: 1, sizeLots: 5, reservedLots: 10 },
      refusal: null,
      standing: OVER_LONG,
    },
    {
      name: 'a reduce-only order against the position needs no room',
      params: { limitLots: 0 },
      view: { positionLots: 5 },
      proposal: { side: -1, sizeLots: 5, isReduceOnly: true },
      refusal: null,
    },
    {
      name: 'nothing configured, nothing allowed',
      params: {},
      proposal: { side: 1, sizeLots: 1 },
      refusal: LONG,
    },
    {
      name: 'pulls both sides when both could pass the limit',
      params: { limitLots: 10 },
      view: { openBuyLots: 11, openSellLots: 11 },
      standing: OVER_BOTH,
    },
  ],
}
