import { describe, expect, test } from 'vitest'
import { NEXT, nextStatus, type OrderSignal, type OrderStatus, TERMINAL } from '../../src/core/domain/order.ts'

const STATUSES = Object.keys(NEXT) as OrderStatus[]

describe('what the exchange says last, wins', () => {
  test.each<[string, OrderStatus, OrderSignal[], OrderStatus]>([
    ['place, ack, open, fill', 'placing', ['acked', 'opened', 'filled'], 'filled'],
    ['the stream may come before the ack', 'placing', ['opened', 'acked'], 'working'],
    ['a fill may come before everything', 'placing', ['filled', 'acked', 'opened'], 'filled'],
    ['a fill overtakes the cancel', 'working', ['cancelSent', 'filled', 'canceled'], 'filled'],
    ['a fill reported after the cancel', 'working', ['cancelSent', 'canceled', 'filled'], 'filled'],
    ['the cancel is refused: still working', 'working', ['cancelSent', 'cancelRejected'], 'working'],
    ['no answer keeps it unknown', 'placing', ['ackAmbiguous'], 'unknown'],
    ['unknown: a refusal of a repeat proves nothing', 'placing', ['ackAmbiguous', 'ackRejected'], 'unknown'],
    ['unknown ends by a statement: open', 'placing', ['ackAmbiguous', 'opened'], 'working'],
    ['unknown ends by a statement: never landed', 'placing', ['ackAmbiguous', 'neverLanded'], 'rejected'],
    ['unknown may be cancelled', 'placing', ['ackAmbiguous', 'cancelSent', 'canceled'], 'canceled'],
    ['an ack is not a state: accepted, then no answer to a repeat', 'placing', ['acked', 'ackAmbiguous'], 'accepted'],
    ['accepted can still be refused by the book', 'placing', ['acked', 'rejected'], 'rejected'],
    ['refused, yet seen open: the exchange is right', 'placing', ['ackRejected', 'opened'], 'working'],
    ['late news of an open order does not revive a cancelled one', 'working', ['canceled', 'opened'], 'canceled'],
    ['late news do not undo a cancel on its way', 'working', ['cancelSent', 'opened', 'acked'], 'canceling'],
  ])('%s', (_name, from, signals, wanted) => {
    expect(signals.reduce(nextStatus, from)).toBe(wanted)
  })
})

test('filled is final', () => {
  expect(NEXT.filled).toEqual({})
})

test('a terminal order becomes live again only where the exchange shows it open', () => {
  for (const from of STATUSES.filter((status) => TERMINAL[status])) {
    const revived = Object.entries(NEXT[from]).filter(([, to]) => !TERMINAL[to])
    expect(revived.every(([signal]) => signal === 'opened')).toBe(true)
  }
})

test('every live status can end', () => {
  for (const from of STATUSES.filter((status) => !TERMINAL[status])) {
    expect(nextStatus(from, 'filled')).toBe('filled')
    expect(TERMINAL[nextStatus(from, 'canceled')]).toBe(true)
    expect(TERMINAL[nextStatus(from, 'rejected')]).toBe(true)
  }
})
