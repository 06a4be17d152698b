/**
 * Ends the run when it has lost too much: realised and unrealised at mid, fees and funding, over all symbols; or when it
 * has given back too much of its best, which earlier runs of the day may have made. Tripping is for good: it goes to `halting`, and only a new run quotes again.
 *
 * @hot
 */
import type { Guard, GuardPack, GuardPast, RiskView, Standing } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const halt = (reason: string): Standing => ({ pullBids: true, pullAsks: true, halt: true, reason })

const LOSS = halt('the loss limit is reached')
const DRAWDOWN = halt('the drawdown limit is reached')

const amount = (name: string, description: string, defaultE8: number): PackKey => ({
  name,
  description,
  unit: '1e-8 quote coins',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: defaultE8,
  example: defaultE8,
  mutable: true,
  isInteger: true,
})

const keys: readonly PackKey[] = [
  amount('lossE8Max', 'Loss since start at which the run halts.', 10_000_000_000),
  amount(
    'drawdownE8Max',
    'Fall from the best profit of the day (UTC), over all runs, at which the run halts.',
    20_000_000_000,
  ),
]

function create(params: PackParams): Guard {
  const lossE8Max = param(keys, params, 'lossE8Max')
  const drawdownE8Max = param(keys, params, 'drawdownE8Max')
  let bestE8 = 0
  let tripped: Standing | null = null
  function judge(view: Readonly<RiskView>): Standing | null {
    if (view.runPnlE8 > bestE8) bestE8 = view.runPnlE8
    if (view.runPnlE8 <= -lossE8Max) tripped ??= LOSS
    else if (bestE8 - view.runPnlE8 >= drawdownE8Max) tripped ??= DRAWDOWN
    return tripped
  }
  // This run's profit starts at zero, that much below the best of the day.
  const recall = ({ drawdownE8 }: GuardPast): void => {
    bestE8 = drawdownE8
  }
  return { judge, recall, check: (view) => judge(view)?.reason ?? null }
}

export const pack: GuardPack = {
  id: 'loss-limit',
  doc: 'Halts the run when its loss, or its fall from its best, reaches a limit.',
  scope: 'run',
  keys,
  create,
  cases: [
    {
      name: 'a loss short of the limit',
      params: { lossE8Max: 1000, drawdownE8Max: 5000 },
      view: { runPnlE8: -999 },
      proposal: {},
      refusal: null,
      standing: null,
    },
    {
      name: 'the limit itself',
      params: { lossE8Max: 1000, drawdownE8Max: 5000 },
      view: { runPnlE8: -1000 },
      proposal: {},
      refusal: LOSS.reason,
      standing: LOSS,
    },
    {
      name: 'the drawdown limit',
      params: { lossE8Max: 1000, drawdownE8Max: 500 },
      view: { runPnlE8: -500 },
      proposal: {},
      refusal: DRAWDOWN.reason,
      standing: DRAWDOWN,
    },
    {
      name: 'a fall that earlier runs of the day began',
      params: { lossE8Max: 1000, drawdownE8Max: 500 },
      past: { drawdownE8: 400, executionsUs: [] },
      view: { runPnlE8: -100 },
      proposal: {},
      refusal: DRAWDOWN.reason,
      standing: DRAWDOWN,
    },
    {
      name: 'the same fall after a new best of this run',
      params: { lossE8Max: 1000, drawdownE8Max: 500 },
      past: { drawdownE8: 400, executionsUs: [] },
      view: { runPnlE8: 450 },
      proposal: {},
      refusal: null,
      standing: null,
    },
  ],
}
