/**
 * Keeps fees from eating the spread: executions that took liquidity are counted over an hour, by number and as a share,
 * and an order that could take is refused when the next execution would be one too many. Post-only orders cannot take and
 * are never refused, nor is what only makes a position smaller.
 *
 * @hot
 */
import type { Guard, GuardPack, Proposal, RiskView } from '../guard.ts'
import { countKey, type PackKey, type PackParams, param } from '../pack.ts'
import { WindowCount } from '../window-count.ts'

const NUMBER = 'one more execution that takes would be too many'
const SHARE = 'one more execution that takes would be too large a share'

const keys: readonly PackKey[] = [
  countKey('takersMax', 'Executions within the window that took liquidity, at most.', 'executions', [0, 1_000_000, 50]),
  countKey(
    'shareBpsMax',
    'Their share of all executions within the window, at most; 10000 is all of them.',
    'bps',
    [0, 10_000, 1_000],
  ),
  countKey(
    'shareFrom',
    'Executions, the next one counted, from which on the share is looked at.',
    'executions',
    [1, 1_000_000, 10],
  ),
  countKey('windowS', 'Length of the window.', 's', [1, 86_400, 3_600]),
]

function create(params: PackParams): Guard {
  const takersMax = param(keys, params, 'takersMax')
  const shareBpsMax = param(keys, params, 'shareBpsMax')
  const shareFrom = param(keys, params, 'shareFrom')
  const all = new WindowCount(param(keys, params, 'windowS'))
  const takers = new WindowCount(param(keys, params, 'windowS'))
  return {
    check(view, proposal) {
      if (!proposal.mayTake || reduces(view, proposal)) return null
      // Each one of its side on its way may take as well.
      const coming = proposal.inFlight + 1
      const took = takers.at(view.nowUs) + coming
      if (took > takersMax) return NUMBER
      const total = all.at(view.nowUs) + coming
      return total >= shareFrom && took * 10_000 > shareBpsMax * total ? SHARE : null
    },
    onFill(isMaker, nowUs) {
      all.add(nowUs)
      if (!isMaker) takers.add(nowUs)
    },
  }
}

// Even if all of its side filled the position would be smaller, and never turn.
function reduces(view: Readonly<RiskView>, proposal: Readonly<Proposal>): boolean {
  const { side, sizeLots, reservedLots, isReduceOnly } = proposal
  const againstLots = -side * view.positionLots
  if (againstLots <= 0) return false
  const openLots = (side === 1 ? view.openBuyLots : view.openSellLots) - reservedLots
  return isReduceOnly || openLots + sizeLots <= againstLots
}

const filled = (makers: number, takers: number) =>
  Array.from({ length: makers + takers }, (_, i) => ({ isMaker: i < makers, nowUs: 1_000_000 }))

export const pack: GuardPack = {
  id: 'taker-cap',
  doc: 'Refuses orders that could take liquidity once executions that did are too many, or too large a share.',
  scope: 'run',
  keys,
  create,
  cases: [
    {
      name: 'the last one that is allowed',
      params: { takersMax: 3, shareBpsMax: 10_000 },
      fills: filled(0, 2),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: null,
    },
    {
      name: 'one more',
      params: { takersMax: 3, shareBpsMax: 10_000 },
      fills: filled(0, 3),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: NUMBER,
    },
    {
      name: 'counting those on their way',
      params: { takersMax: 3, shareBpsMax: 10_000 },
      fills: filled(0, 2),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1, inFlight: 1 },
      refusal: NUMBER,
    },
    {
      name: 'until the window is past',
      params: { takersMax: 3, shareBpsMax: 10_000, windowS: 10 },
      fills: filled(0, 3),
      view: { nowUs: 12_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: null,
    },
    {
      name: 'a post-only order',
      params: { takersMax: 0 },
      proposal: { mayTake: false, sizeLots: 1 },
      refusal: null,
    },
    {
      name: 'the share that is allowed',
      params: { shareBpsMax: 1_000 },
      fills: filled(9, 0),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: null,
    },
    {
      name: 'a larger one',
      params: { shareBpsMax: 1_000 },
      fills: filled(8, 1),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: SHARE,
    },
    {
      name: 'of too few executions to tell',
      params: { shareBpsMax: 1_000, shareFrom: 10 },
      fills: filled(0, 8),
      view: { nowUs: 1_000_000 },
      proposal: { mayTake: true, sizeLots: 1 },
      refusal: null,
    },
    {
      name: 'what makes a position smaller',
      params: { takersMax: 0 },
      view: { positionLots: 5, openSellLots: 2 },
      proposal: { side: -1, mayTake: true, sizeLots: 3 },
      refusal: null,
    },
    {
      name: 'what could turn it',
      params: { takersMax: 0 },
      view: { positionLots: 5, openSellLots: 3 },
      proposal: { side: -1, mayTake: true, sizeLots: 3 },
      refusal: NUMBER,
    },
    {
      name: 'what could turn it, and is reduce-only',
      params: { takersMax: 0 },
      view: { positionLots: 5, openSellLots: 3 },
      proposal: { side: -1, mayTake: true, sizeLots: 3, isReduceOnly: true },
      refusal: null,
    },
  ],
}
