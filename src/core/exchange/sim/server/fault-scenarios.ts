/**
 * Named fault scripts for `mm exchange --faults NAME`: rules of faults.ts as data. Each says what a client will see; a
 * file in the same form does anything else. A scenario more is a row more.
 */
import type { FaultRule } from './faults.ts'

interface Scenario {
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
]
