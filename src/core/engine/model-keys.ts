/** Keys that the model strategies share: what inventory costs, how fills thin out with distance, how far quotes lean. */
import type { PackKey } from './pack.ts'

export const RISK_AVERSION: PackKey = {
  name: 'riskAversionPerBps',
  description: 'γ: price of risk, per basis point and quote of inventory.',
  unit: '1/(bps·quote)',
  min: 1e-6,
  max: 100,
  default: 0.01,
  example: 0.01,
  mutable: true,
}

export const INTENSITY_DECAY: PackKey = {
  name: 'intensityDecayPerBps',
  description: 'k: how fast the chance of a fill falls with the distance from the fair price.',
  unit: '1/bps',
  min: 1e-4,
  max: 1_000,
  default: 2,
  example: 1.5,
  mutable: true,
}

export const SKEW_MAX: PackKey = {
  name: 'skewBpsMax',
  description: 'Inventory moves the quotes at most this far from the fair price.',
  unit: 'bps',
  min: 0,
  max: 1_000,
  default: 10,
  example: 10,
  mutable: true,
}
