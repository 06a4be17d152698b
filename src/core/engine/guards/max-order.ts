/**
 * Hard cap on one order, in lots and in value (price ticks × lots). The last line against a wrong unit or a typing error.
 *
 * @hot
 */
import type { Guard, GuardPack } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const SIZE = 'the order is larger than the limit'
const VALUE = 'the order is worth more than the limit'

const keys: readonly PackKey[] = [
  {
    name: 'sizeLotsMax',
    description: 'Largest size of one order. 0 lets none pass.',
    unit: 'lots',
    min: 0,
    max: 1e12,
    default: 0,
    example: 50,
    mutable: true,
    isInteger: true,
  },
  {
    name: 'valueMoneyMax',
    description: 'Largest value of one order in money units (price ticks × lots). 0 lets none pass.',
    unit: 'money',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    example: 30_000_000,
    mutable: true,
    isInteger: true,
  },
]

function create(params: PackParams): Guard {
  const sizeLotsMax = param(keys, params, 'sizeLotsMax')
  const valueMoneyMax = param(keys, params, 'valueMoneyMax')
  return {
    roomLots: (_view, proposal) =>
      proposal.priceTicks > 0 ? Math.min(sizeLotsMax, Math.floor(valueMoneyMax / proposal.priceTicks)) : 0,
    check(_view, proposal) {
      if (proposal.sizeLots > sizeLotsMax) return SIZE
      return proposal.sizeLots * proposal.priceTicks > valueMoneyMax ? VALUE : null
    },
  }
}

export const pack: GuardPack = {
  id: 'max-order',
  doc: 'Refuses an order larger or worth more than a limit.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'allows the largest size',
      params: { sizeLotsMax: 10, valueMoneyMax: 1000 },
      proposal: { sizeLots: 10, priceTicks: 100 },
      refusal: null,
      roomLots: 10,
    },
    {
      name: 'refuses one lot more',
      params: { sizeLotsMax: 10, valueMoneyMax: 10_000 },
      proposal: { sizeLots: 11, priceTicks: 100 },
      refusal: SIZE,
      roomLots: 10,
    },
    {
      name: 'refuses by value',
      params: { sizeLotsMax: 10, valueMoneyMax: 999 },
      proposal: { sizeLots: 10, priceTicks: 100 },
      refusal: VALUE,
      roomLots: 9,
    },
    {
      name: 'nothing configured, nothing allowed',
      params: {},
      proposal: { sizeLots: 1, priceTicks: 1 },
      refusal: SIZE,
      roomLots: 0,
    },
  ],
}
