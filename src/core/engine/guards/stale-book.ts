/**
 * No quotes on a market we cannot see: empty, gapped or crossed book, a book message too long ago, or a feed too far
 * behind the exchange. Ages are differences of event times; no clock is read.
 *
 * @hot
 */
import { type Guard, type GuardPack, UNJUDGED_US_MAX, type RiskView, type Standing } from '../guard.ts'
import { type PackKey, type PackParams, param } from '../pack.ts'

// A feed that lags or stalls does so in fits: quotes come back when it has been good for a while.
const FIT_US = 500_000

const pull = (reason: string, thawUs = 0): Standing => ({ pullBids: true, pullAsks: true, halt: false, thawUs, reason })

const EMPTY = pull('the book has no bid or no ask')
const GAP = pull('the book has a gap and waits for a snapshot')
const CROSSED = pull('the book is crossed')
const OLD = pull('the book is too old', FIT_US)
const BEHIND = pull('the market feed is too far behind the exchange', FIT_US)

const keys: readonly PackKey[] = [
  {
    name: 'ageUsMax',
    description: 'Longest time since the last book message.',
    unit: 'µs',
    min: 1_000,
    max: 3_600_000_000,
    default: 5_000_000,
    example: 3_000_000,
    mutable: true,
    isInteger: true,
  },
  {
    name: 'lagUsMax',
    description:
      'Longest time between the exchange making the last book message and its coming here. Needs true clocks.',
    unit: 'µs',
    min: 1_000,
    max: 3_600_000_000,
    default: 5_000_000,
    example: 1_000_000,
    mutable: true,
    isInteger: true,
  },
]

function create(params: PackParams): Guard {
  const ageUsMax = param(keys, params, 'ageUsMax')
  const lagUsMax = param(keys, params, 'lagUsMax')
  function judge(view: Readonly<RiskView>): Standing | null {
    if (view.bookCondition === 'gap') return GAP
    if (view.bookCondition === 'empty') return EMPTY
    if (view.bookCondition === 'crossed') return CROSSED
    if (view.nowUs - view.bookReceivedUs > ageUsMax) return OLD
    return view.bookReceivedUs - view.bookExchangeUs > lagUsMax ? BEHIND : null
  }
  // A book that is too old already stays so until a message comes.
  function judgeInUs(view: Readonly<RiskView>): number {
    const leftUs = view.bookReceivedUs + ageUsMax - view.nowUs
    return view.bookCondition === 'fresh' && leftUs >= 0 ? leftUs : UNJUDGED_US_MAX
  }
  return { judge, judgeInUs, check: (view) => judge(view)?.reason ?? null }
}

export const pack: GuardPack = {
  id: 'stale-book',
  doc: 'Pulls all quotes while the book is empty, gapped, crossed, too old or too far behind the exchange.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'a fresh book passes',
      params: {},
      view: { bookCondition: 'fresh', nowUs: 1_000, bookReceivedUs: 1_000, bookExchangeUs: 1_000 },
      proposal: {},
      refusal: null,
      standing: null,
    },
    {
      name: 'one without a side does not',
      params: {},
      view: { bookCondition: 'empty' },
      proposal: {},
      refusal: EMPTY.reason,
      standing: EMPTY,
    },
    {
      name: 'nor one with a gap',
      params: {},
      view: { bookCondition: 'gap' },
      proposal: {},
      refusal: GAP.reason,
      standing: GAP,
    },
    {
      name: 'nor a crossed one',
      params: {},
      view: { bookCondition: 'crossed' },
      proposal: {},
      refusal: CROSSED.reason,
      standing: CROSSED,
    },
    {
      name: 'exactly as old as allowed',
      params: { ageUsMax: 2_000 },
      view: { bookCondition: 'fresh', nowUs: 3_000, bookReceivedUs: 1_000, bookExchangeUs: 1_000 },
      proposal: {},
      refusal: null,
      standing: null,
    },
    {
      name: 'older',
      params: { ageUsMax: 2_000 },
      view: { bookCondition: 'fresh', nowUs: 3_001, bookReceivedUs: 1_000, bookExchangeUs: 1_000 },
      proposal: {},
      refusal: OLD.reason,
      standing: OLD,
    },
    {
      name: 'fresh here, old at the exchange',
      params: { lagUsMax: 1_000 },
      view: { bookCondition: 'fresh', nowUs: 9_000, bookReceivedUs: 9_000, bookExchangeUs: 7_999 },
      proposal: {},
      refusal: BEHIND.reason,
      standing: BEHIND,
    },
  ],
}
