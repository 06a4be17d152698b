/** Named fault scripts about sockets, odd frames and the venue's own conduct. Rows of fault-scenarios.ts. */
import type { Scenario } from './fault-scenarios.ts'

const FOREVER = Number.MAX_SAFE_INTEGER

export const VENUE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'filled-twice',
    doc: 'every order that fills is told Filled twice, the second time with EC_OrigClOrdIDDoesNotExist',
    rules: [{ at: 'push', match: 'order$', effect: 'echo' }],
  },
  {
    name: 'odd-frames',
    doc: 'private frames carry unknown fields, and numbers as texts',
    rules: ['order$', 'execution', 'position', 'wallet'].map((match) => ({ at: 'push', match, effect: 'odd' })),
  },
  {
    name: 'book-broken',
    doc: 'now and then a book message comes as a restart snapshot (u = 1), an empty snapshot or a crossed one',
    rules: (['restart', 'empty', 'crossed'] as const).map((effect) => ({
      at: 'push',
      match: 'orderbook.50',
      effect,
      probability: 0.005,
    })),
  },
  {
    name: 'sockets-cut',
    doc: 'one private frame in fifty breaks its socket instead',
    rules: ['order$', 'execution', 'position'].map((match) => ({
      at: 'push',
      match,
      effect: 'reset',
      probability: 0.02,
    })),
  },
  {
    name: 'half-open',
    doc: 'from 10 s on nothing leaves private and order-entry sockets for 60 s, and nobody says so',
    rules: ['/v5/private', '/v5/trade'].map((match) => ({
      at: 'socket',
      match,
      effect: 'mute',
      fromMs: 10_000,
      untilMs: 70_000,
    })),
  },
  {
    name: 'sockets-refused',
    doc: 'from 10 s to 40 s every new socket is refused with 503',
    rules: [{ at: 'socket', match: '/v5/', effect: 'refuse', fromMs: 10_000, untilMs: 40_000 }],
  },
  {
    name: 'trade-restart',
    doc: 'one order frame in fifty is answered 10019: the order-entry service restarts',
    rules: [
      { at: 'request', match: 'WS order.', effect: 'code', retCode: 10_019, retMsg: 'Restarting.', probability: 0.02 },
    ],
  },
  {
    name: 'nameless-acks',
    doc: 'one order frame in twenty is refused without saying which it was',
    rules: [
      {
        at: 'request',
        match: 'WS order.',
        effect: 'nameless',
        retCode: 20_003,
        retMsg: 'Too frequent requests',
        probability: 0.05,
      },
    ],
  },
  {
    name: 'rate-limited-socket',
    doc: 'one order frame in five is refused with 10006; the header says when the quota opens',
    rules: [{ at: 'request', match: 'WS order.', effect: 'limit', delayMs: 700, probability: 0.2 }],
  },
  {
    name: 'topic-retired',
    doc: 'orderbook.50.BTCUSDT cannot be subscribed any more',
    rules: [{ at: 'venue', match: 'orderbook.50.BTCUSDT', effect: 'retired' }],
  },
  {
    name: 'memory-lost',
    doc: 'realtime knows no order that ended, and history shows one three seconds late',
    rules: [
      { at: 'venue', match: 'realtime', effect: 'forget' },
      { at: 'venue', match: 'history', effect: 'lag', delayMs: 3_000 },
    ],
  },
  {
    name: 'delisting',
    doc: 'from 10 s on BTCUSDT has a delivery time, from 60 s on it is closed',
    rules: [
      { at: 'venue', match: 'BTCUSDT', effect: 'ending', fromMs: 10_000, untilMs: 60_000 },
      { at: 'venue', match: 'BTCUSDT', effect: 'closed', fromMs: 60_000, untilMs: FOREVER },
    ],
  },
  {
    name: 'tick-change',
    doc: 'from 10 s on BTCUSDT is announced with another tick size',
    rules: [{ at: 'venue', match: 'BTCUSDT', effect: 'tick', fromMs: 10_000 }],
  },
  {
    name: 'no-order-of-mine',
    doc: 'BTCUSDT positions get funding at 10 s, are deleveraged by half at 20 s and settled by half at 30 s',
    rules: [
      { at: 'venue', match: 'BTCUSDT', effect: 'funding', fromMs: 10_000 },
      { at: 'venue', match: 'BTCUSDT', effect: 'adl', fromMs: 20_000 },
      { at: 'venue', match: 'BTCUSDT', effect: 'settle', fromMs: 30_000 },
    ],
  },
]
