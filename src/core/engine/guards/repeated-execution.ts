/**
 * Ends the run when it has traded too often in a while: a strategy that runs in circles looks like a good day until
 * somebody counts. Counts every change of the position of its symbol, those of earlier runs too. Only a person may allow the next start
 * (RTS 6, Article 15: repeated automated execution throttle).
 *
 * @hot
 */
import { US_PER_S } from '../../domain/units.ts'
import { type Guard, type GuardPack, type GuardPast, UNJUDGED_US_MAX, type RiskView, type Standing } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

const REPEATED: Standing = {
  pullBids: true,
  pullAsks: true,
  halt: true,
  reason: 'too many executions in a row without a person looking',
}

const keys: readonly PackKey[] = [
  {
    name: 'executionsMax',
    description: 'Executions of one symbol within the window at which the run halts.',
    unit: 'executions',
    min: 1,
    max: 100_000,
    default: 2_000,
    example: 500,
    mutable: false,
    isInteger: true,
  },
  {
    name: 'windowS',
    description: 'Length of the window.',
    unit: 's',
    min: 1,
    max: 86_400,
    default: 300,
    example: 60,
    mutable: false,
    isInteger: true,
  },
]

function create(params: PackParams): Guard {
  const windowUs = param(keys, params, 'windowS') * US_PER_S
  // Times of the last executions, oldest overwritten first.
  const timesUs = new Float64Array(param(keys, params, 'executionsMax'))
  let count = 0
  // A position that was there before counts as one.
  let lastLots = 0
  let isTripped = false
  function add(atUs: number): void {
    timesUs[count % timesUs.length] = atUs
    count++
  }
  function judge(view: Readonly<RiskView>): Standing | null {
    if (view.positionLots !== lastLots) {
      add(view.nowUs)
      const oldestUs = timesUs[count % timesUs.length] ?? 0
      if (count >= timesUs.length && view.nowUs - oldestUs < windowUs) isTripped = true
    }
    lastLots = view.positionLots
    return isTripped ? REPEATED : null
  }
  function recall({ executionsUs }: GuardPast): void {
    for (const atUs of executionsUs) add(atUs)
  }
  // Only an execution trips it, and then for good.
  return { recall, check: (view) => judge(view)?.reason ?? null, judge, judgeInUs: () => UNJUDGED_US_MAX }
}

export const pack: GuardPack = {
  id: 'repeated-execution',
  doc: 'Halts the run when one symbol trades too often in a while. The next start needs mm resume.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'one execution of two demands nothing',
      params: { executionsMax: 2 },
      view: { nowUs: 1, positionLots: 5 },
      proposal: {},
      refusal: null,
      standing: null,
    },
    {
      name: 'the last one that is allowed halts the run',
      params: { executionsMax: 1 },
      view: { nowUs: 1, positionLots: 5 },
      proposal: {},
      refusal: REPEATED.reason,
      standing: REPEATED,
    },
    {
      name: 'the run before counts',
      params: { executionsMax: 3, windowS: 10 },
      past: { drawdownE8: 0, executionsUs: [5_000_000, 6_000_000] },
      view: { nowUs: 9_000_000, positionLots: 5 },
      proposal: {},
      refusal: REPEATED.reason,
      standing: REPEATED,
    },
    {
      name: 'what is older than the window does not',
      params: { executionsMax: 3, windowS: 10 },
      past: { drawdownE8: 0, executionsUs: [5_000_000, 6_000_000] },
      view: { nowUs: 15_500_000, positionLots: 5 },
      proposal: {},
      refusal: null,
      standing: null,
    },
  ],
}
