/**
 * The share of one symbol in the requests of the account, as means over ten seconds: a symbol that runs wild must not use
 * up what the others need (`request-rate` watches the account as a whole). Cancels are counted and never refused: a symbol
 * that cancels too much places less.
 *
 * @hot
 */
import type { Guard, GuardPack } from '../guard.ts'
import { countKey, type PackKey, type PackParams, param } from '../pack.ts'
import { WindowCount } from '../window-count.ts'

const WINDOW_S = 10

const PLACES = 'the places of this symbol are used up'
const AMENDS = 'the amends of this symbol are used up'
const CANCELS = 'this symbol cancels so often that it places nothing'

const rate = (name: string, what: string, defaultRate: number): PackKey =>
  countKey(name, `${what} of one symbol a second, in the mean of ${WINDOW_S} seconds.`, '1/s', [0, 10_000, defaultRate])

const keys: readonly PackKey[] = [
  rate('placesPerS', 'Places', 5),
  rate('amendsPerS', 'Amends', 10),
  rate('cancelsPerS', 'Cancels, beyond which it places nothing,', 20),
]

function create(params: PackParams): Guard {
  const placesMax = WINDOW_S * param(keys, params, 'placesPerS')
  const amendsMax = WINDOW_S * param(keys, params, 'amendsPerS')
  const cancelsMax = WINDOW_S * param(keys, params, 'cancelsPerS')
  const places = new WindowCount(WINDOW_S)
  const amends = new WindowCount(WINDOW_S)
  const cancels = new WindowCount(WINDOW_S)
  return {
    check(view, proposal) {
      if (proposal.kind === 'amend') return amends.at(view.nowUs) < amendsMax ? null : AMENDS
      if (places.at(view.nowUs) >= placesMax) return PLACES
      return cancels.at(view.nowUs) <= cancelsMax ? null : CANCELS
    },
    onSent(kind, nowUs) {
      if (kind === 'place') places.add(nowUs)
      else if (kind === 'amend') amends.add(nowUs)
      else cancels.add(nowUs)
    },
  }
}

const S = 1_000_000
const at = (nowUs: number, kind: 'place' | 'amend' | 'cancel', count: number) =>
  Array.from({ length: count }, () => ({ kind, nowUs, side: 1 as const }))

export const pack: GuardPack = {
  id: 'symbol-rate',
  doc: 'Limits the places and amends of one symbol over ten seconds, and its places when it cancels too often.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'one place short of ten seconds of places',
      params: { placesPerS: 1 },
      sent: at(S, 'place', 9),
      view: { nowUs: 2 * S },
      proposal: { kind: 'place' },
      refusal: null,
    },
    {
      name: 'all of them',
      params: { placesPerS: 1 },
      sent: at(S, 'place', 10),
      view: { nowUs: 11 * S },
      proposal: { kind: 'place' },
      refusal: PLACES,
    },
    {
      name: 'come back when the window is past',
      params: { placesPerS: 1 },
      sent: at(S, 'place', 10),
      view: { nowUs: 12 * S },
      proposal: { kind: 'place' },
      refusal: null,
    },
    {
      name: 'amends are counted apart',
      params: { placesPerS: 1, amendsPerS: 1 },
      sent: at(S, 'place', 10),
      view: { nowUs: S },
      proposal: { kind: 'amend' },
      refusal: null,
    },
    {
      name: 'and run out as well',
      params: { amendsPerS: 1 },
      sent: at(S, 'amend', 10),
      view: { nowUs: S },
      proposal: { kind: 'amend' },
      refusal: AMENDS,
    },
    {
      name: 'too many cancels stop places',
      params: { cancelsPerS: 1 },
      sent: at(S, 'cancel', 11),
      view: { nowUs: S },
      proposal: { kind: 'place' },
      refusal: CANCELS,
    },
    {
      name: 'but not amends',
      params: { cancelsPerS: 1 },
      sent: at(S, 'cancel', 11),
      view: { nowUs: S },
      proposal: { kind: 'amend' },
      refusal: null,
    },
  ],
}
