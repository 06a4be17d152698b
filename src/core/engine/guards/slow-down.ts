/**
 * Fewer requests while something is wrong: the exchange refuses or does not answer a share of them, or the market feed
 * lags. Each hold is twice as long as the one before; between two of them one decision passes, and shows whether it is
 * over. The holds of two symbols differ a little, so that they do not come back together.
 *
 * @hot
 */
import { Prng } from '../../domain/prng.ts'
import type { Guard, GuardPack, RiskView } from '../guard.ts'
import { countKey, type PackKey, type PackParams, param } from '../pack.ts'
import { WindowCount } from '../window-count.ts'

const ERRORS = 'too many requests failed: waiting before the next'
const LAG = 'the market feed lags: waiting before the next request'

const WINDOW_S = 10
/** A hold is longer or shorter by at most this share. */
const JITTER = 0.1

const keys: readonly PackKey[] = [
  countKey(
    'errorBpsMax',
    `Share of failed requests, refused or without an answer, of those answered in the last ${WINDOW_S} s, from which on requests are held; 10000 is all of them.`,
    'bps',
    [1, 10_000, 200],
  ),
  countKey('answersMin', 'Answers from which on the share is looked at.', 'answers', [1, 10_000, 20]),
  countKey(
    'lagUsMax',
    'Time from the exchange making a book message to its coming here that is lag. Needs true clocks.',
    'µs',
    [1_000, 3_600_000_000, 500_000],
  ),
  countKey('holdUs', 'The first hold.', 'µs', [1_000, 60_000_000, 200_000]),
  countKey('holdUsMax', 'The longest hold; each one differs by up to a tenth.', 'µs', [1_000, 60_000_000, 3_000_000]),
]

function create(params: PackParams): Guard {
  const limits = {
    errorBpsMax: param(keys, params, 'errorBpsMax'),
    answersMin: param(keys, params, 'answersMin'),
    lagUsMax: param(keys, params, 'lagUsMax'),
  }
  const hold = new Hold(param(keys, params, 'holdUs'), param(keys, params, 'holdUsMax'))
  const answers = new WindowCount(WINDOW_S)
  const errors = new WindowCount(WINDOW_S)

  function cause(view: Readonly<RiskView>): string | null {
    const answered = answers.at(view.nowUs)
    if (answered >= limits.answersMin && errors.at(view.nowUs) * 10_000 >= limits.errorBpsMax * answered) return ERRORS
    return view.bookReceivedUs - view.bookExchangeUs >= limits.lagUsMax ? LAG : null
  }

  return {
    check: (view) => hold.follow(cause(view), view),
    onAnswer(isError, nowUs) {
      answers.add(nowUs)
      if (isError) errors.add(nowUs)
    },
  }
}

class Hold {
  private reason: string | null = null
  private nextUs: number
  private untilUs = 0
  /** The decision that passes between two holds. */
  private probeUs = -1
  private prng: Prng | null = null
  private readonly firstUs: number
  private readonly longestUs: number

  constructor(firstUs: number, longestUs: number) {
    this.firstUs = firstUs
    this.longestUs = Math.max(firstUs, longestUs)
    this.nextUs = firstUs
  }

  /** Why not now, or null. */
  follow(cause: string | null, { nowUs, symbol }: Readonly<RiskView>): string | null {
    if (nowUs === this.probeUs) return null
    if (nowUs < this.untilUs) return this.reason
    if (cause === null) {
      this.nextUs = this.firstUs
      this.reason = null
      return null
    }
    const isFirst = this.reason === null
    this.reason = cause
    this.prng ??= new Prng(1 + symbol)
    this.untilUs = nowUs + Math.round(this.nextUs * (1 + JITTER * (2 * this.prng.next() - 1)))
    this.nextUs = Math.min(2 * this.nextUs, this.longestUs)
    if (isFirst) return cause
    this.probeUs = nowUs
    return null
  }
}

const answered = (count: number, failed: number) =>
  Array.from({ length: count }, (_, i) => ({ isError: i < failed, nowUs: 1_000_000 }))

export const pack: GuardPack = {
  id: 'slow-down',
  doc: 'Holds places and amends back, longer each time, while requests fail or the market feed lags.',
  scope: 'symbol',
  keys,
  create,
  cases: [
    {
      name: 'one answer of a hundred failed',
      params: {},
      answers: answered(100, 1),
      view: { nowUs: 1_000_000 },
      proposal: {},
      refusal: null,
    },
    {
      name: 'two of a hundred',
      params: {},
      answers: answered(100, 2),
      view: { nowUs: 1_000_000 },
      proposal: {},
      refusal: ERRORS,
    },
    {
      name: 'too few answers to tell',
      params: { answersMin: 20 },
      answers: answered(19, 19),
      view: { nowUs: 1_000_000 },
      proposal: {},
      refusal: null,
    },
    {
      name: 'long ago',
      params: {},
      answers: answered(100, 100),
      view: { nowUs: 12_000_000 },
      proposal: {},
      refusal: null,
    },
    {
      name: 'a feed that keeps up',
      params: { lagUsMax: 5_000 },
      view: { nowUs: 9_000, bookReceivedUs: 9_000, bookExchangeUs: 4_001 },
      proposal: {},
      refusal: null,
    },
    {
      name: 'a feed that lags',
      params: { lagUsMax: 5_000 },
      view: { nowUs: 9_000, bookReceivedUs: 9_000, bookExchangeUs: 4_000 },
      proposal: {},
      refusal: LAG,
    },
  ],
}
