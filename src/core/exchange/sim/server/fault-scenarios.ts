/**
 * Named fault scripts for `mm exchange --faults NAME`: rules of faults.ts as data. Each says what a client will see; a
 * file in the same form does anything else. A scenario more is a row more.
 */
import type { FaultRule } from './faults.ts'
import { VENUE_SCENARIOS } from './fault-scenarios-venue.ts'

export interface Scenario {
  readonly name: string
  /** What happens, for `--faults list`. */
  readonly doc: string
  readonly rules: readonly Partial<FaultRule>[]
}

const CREATES = ['POST /v5/order/create', 'WS order.create'] as const
const CANCELS = ['POST /v5/order/cancel', 'WS order.cancel'] as const

export const FAULT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'create-lost',
    doc: 'one create in ten never reaches the exchange and gets no reply',
    rules: CREATES.map((match) => ({ at: 'request', match, effect: 'lose', probability: 0.1 })),
  },
  {
    name: 'create-reply-lost',
    doc: 'one create in ten lands, its reply is lost',
    rules: CREATES.map((match) => ({ at: 'reply', match, effect: 'lose', probability: 0.1 })),
  },
  {
    name: 'create-late',
    doc: 'one create in ten lands two seconds late',
    rules: CREATES.map((match) => ({ at: 'request', match, effect: 'delay', delayMs: 2_000, probability: 0.1 })),
  },
  {
    name: 'create-timeout',
    doc: 'one create in ten lands and is answered with 10000 Server Timeout',
    rules: CREATES.map((match) => ({
      at: 'reply',
      match,
      effect: 'code',
      retCode: 10_000,
      retMsg: 'Server Timeout',
      probability: 0.1,
    })),
  },
  {
    name: 'cancel-reply-lost',
    doc: 'one cancel in ten works, its reply is lost',
    rules: CANCELS.map((match) => ({ at: 'reply', match, effect: 'lose', probability: 0.1 })),
  },
  {
    name: 'bad-gateway',
    doc: 'one HTTP request in ten is answered 502 with an HTML page, whatever it did',
    rules: [{ at: 'reply', match: ' /v5/', effect: 'html', status: 502, probability: 0.1 }],
  },
  {
    name: 'html-success',
    doc: 'one HTTP request in ten is answered 200 with an HTML page',
    rules: [{ at: 'reply', match: ' /v5/', effect: 'html', status: 200, probability: 0.1 }],
  },
  {
    name: 'rate-limited',
    doc: 'one order request in five is refused with 10006 and no reset header',
    rules: ['POST /v5/order/', 'WS order.'].map((match) => ({
      at: 'request',
      match,
      effect: 'code',
      retCode: 10_006,
      retMsg: 'Too many visits. Exceeded the API Rate Limit.',
      probability: 0.2,
    })),
  },
  {
    name: 'address-banned',
    doc: 'every HTTP request is answered 403 with an HTML page for ten minutes, from 10 s on',
    rules: [{ at: 'request', match: ' /v5/', effect: 'html', status: 403, fromMs: 10_000, untilMs: 610_000 }],
  },
  {
    name: 'stream-double',
    doc: 'every tenth private execution and order message comes twice',
    rules: ['execution', 'order'].map((match) => ({ at: 'push', match, effect: 'double', probability: 0.1 })),
  },
  {
    name: 'stream-silent',
    doc: 'from 10 s on every stream is silent for 20 s, pings are answered',
    rules: ['order', 'execution', 'position', 'wallet', 'publicTrade', 'tickers', 'kline'].map((match) => ({
      at: 'push',
      match,
      effect: 'lose',
      fromMs: 10_000,
      untilMs: 30_000,
    })),
  },
  {
    name: 'book-gap',
    doc: 'one book message in two hundred is lost: update ids jump',
    rules: [{ at: 'push', match: 'orderbook.', effect: 'lose', probability: 0.005 }],
  },
  {
    name: 'maintenance',
    doc: 'from 10 s on every request is answered 10016 for 30 s',
    rules: ['/v5/', 'WS '].map((match) => ({
      at: 'request',
      match,
      effect: 'code',
      retCode: 10_016,
      retMsg: 'Internal server error.',
      fromMs: 10_000,
      untilMs: 40_000,
    })),
  },
  {
    name: 'request-lost',
    doc: 'one HTTP request in ten never reaches the exchange',
    rules: [{ at: 'request', match: ' /v5/', effect: 'lose', probability: 0.1 }],
  },
  {
    name: 'reply-lost',
    doc: 'one HTTP request in ten is carried out, its reply is lost',
    rules: [{ at: 'reply', match: ' /v5/', effect: 'lose', probability: 0.1 }],
  },
  {
    name: 'create-after-cancel',
    doc: 'every create takes 1.5 s to be looked at, so that a cancel-all overtakes it',
    rules: CREATES.map((match) => ({ at: 'request', match, effect: 'delay', delayMs: 1_500 })),
  },
  {
    name: 'cancel-all-survivors',
    doc: 'a cancel-all says it took every order, and half of them survive',
    rules: [{ at: 'venue', match: 'cancel-all', effect: 'survive', probability: 0.7 }],
  },
  {
    name: 'cancel-all-idle',
    doc: 'a cancel-all says success, names no order and does nothing',
    rules: [{ at: 'venue', match: 'cancel-all', effect: 'idle', probability: 0.5 }],
  },
  {
    name: 'cancel-all-partial',
    doc: 'a cancel-all cancels half and says success "0"',
    rules: [{ at: 'venue', match: 'cancel-all', effect: 'partial', probability: 0.7 }],
  },
  {
    name: 'rate-limited-reset',
    doc: 'one order request in three is refused with 10006; the headers say when the quota opens',
    rules: [{ at: 'request', match: 'POST /v5/order/', effect: 'limit', delayMs: 700, probability: 0.33 }],
  },
  {
    name: 'banned-by-ip',
    doc: 'from 2 s on one request in fifty has its address answered 403 for ten minutes',
    rules: [{ at: 'request', match: ' /v5/', effect: 'ban', delayMs: 600_000, probability: 0.02, fromMs: 2_000 }],
  },
  {
    name: 'bad-answers',
    doc: 'order requests are answered 500, 503, 10000 or 10016, one in twelve each, some of them after they were carried out',
    rules: [
      { at: 'request', match: '/v5/order/', effect: 'html', status: 503, probability: 0.08 },
      { at: 'reply', match: '/v5/order/', effect: 'html', status: 500, probability: 0.08 },
      {
        at: 'reply',
        match: '/v5/order/',
        effect: 'code',
        retCode: 10_000,
        retMsg: 'Server Timeout',
        probability: 0.08,
      },
      {
        at: 'request',
        match: '/v5/order/',
        effect: 'code',
        retCode: 10_016,
        retMsg: 'Internal error',
        probability: 0.08,
      },
    ],
  },
  {
    name: 'skewed',
    doc: 'one private request in five is refused with 10002',
    rules: [
      {
        at: 'request',
        match: '/v5/order/',
        effect: 'code',
        retCode: 10_002,
        retMsg: 'invalid request',
        probability: 0.2,
      },
    ],
  },
  {
    name: 'key-refused',
    doc: 'from 4 s on every order request is refused with 10003',
    rules: ['/v5/order/', 'WS order.'].map((match) => ({
      at: 'request',
      match,
      effect: 'code',
      retCode: 10_003,
      retMsg: 'API key is invalid.',
      fromMs: 4_000,
    })),
  },
  {
    name: 'cancel-gone',
    doc: 'half of the single cancels are answered 110001, whether the order lives or not',
    rules: [
      {
        at: 'request',
        match: 'POST /v5/order/cancel$',
        effect: 'code',
        retCode: 110_001,
        retMsg: 'order not exists or too late to cancel',
        probability: 0.5,
      },
    ],
  },
  {
    name: 'read-lag',
    doc: 'listings of open orders are 1.8 s old',
    rules: [{ at: 'venue', match: 'realtime', effect: 'lag', delayMs: 1_800 }],
  },
  {
    name: 'shifting-pages',
    doc: 'listings page by row number: rows that come and go repeat and skip others',
    rules: [{ at: 'venue', match: 'realtime', effect: 'shift' }],
  },
  {
    name: 'call-auction',
    doc: 'from 3 s to 12 s BTCUSDT is in a call auction: no create, amend or cancel, 110095',
    rules: [{ at: 'venue', match: 'BTCUSDT', effect: 'auction', fromMs: 3_000, untilMs: 12_000 }],
  },
  ...VENUE_SCENARIOS,
]
