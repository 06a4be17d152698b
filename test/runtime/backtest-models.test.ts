/** Models by name: what an operator may write, and what the report then says. */
import { describe, expect, test } from 'vitest'
import { MmError } from '../../src/core/errors.ts'
import {
  latenciesOf,
  QUEUE_MODEL_DEFAULT,
  QUEUE_MODEL_NAMES,
  queueModelNamed,
} from '../../src/core/runtime/backtest-models.ts'

describe('latencies', () => {
  test.each([
    [null, 'request 2 ms, match 0.3 ms, ack 2 ms, stream 2 ms, feed 1 ms, think 0.02 ms'],
    ['5ms', 'request 5 ms, match 0.3 ms, ack 5 ms, stream 5 ms, feed 1 ms, think 0.02 ms'],
    [
      '5ms~0.3',
      'request lognormal 5 ms σ 0.3, match 0.3 ms, ack lognormal 5 ms σ 0.3, stream lognormal 5 ms σ 0.3, feed 1 ms, think 0.02 ms',
    ],
    [
      'request=1.5ms,stream=20ms~1,feed=0ms',
      'request 1.5 ms, match 0.3 ms, ack 2 ms, stream lognormal 20 ms σ 1, feed 0 ms, think 0.02 ms',
    ],
  ])('%s', (text, named) => {
    expect(latenciesOf(text, 1).text).toBe(named)
  })

  test.each([
    '5',
    '5xs',
    '-5ms',
    '11s',
    '5ms~',
    '5ms~x',
    '5ms~10',
    'wire=5ms',
    'request',
    'feed=1ms~0.2',
    'think=1ms~0.2',
    '',
  ])('refuses "%s" as usage', (text) => {
    const attempt = () => latenciesOf(text, 1)
    expect(attempt).toThrow(MmError)
    expect(attempt).toThrow(/--latency/)
  })

  test('each leg draws from a stream of its own, given by the seed', () => {
    const draws = (text: string, seed: number) => {
      const { stream } = latenciesOf(text, seed)
      return Array.from({ length: 5 }, () => stream.nextUs())
    }
    expect(draws('5ms~0.5', 7)).toEqual(draws('5ms~0.5', 7))
    expect(draws('5ms~0.5', 7)).not.toEqual(draws('5ms~0.5', 8))
    expect(draws('request=9ms~2,stream=5ms~0.5', 7)).toEqual(draws('5ms~0.5', 7))
  })
})

test('queue models are found by name, others are refused with the list', () => {
  expect(QUEUE_MODEL_NAMES).toContain(QUEUE_MODEL_DEFAULT)
  for (const name of QUEUE_MODEL_NAMES) expect(queueModelNamed(name).name).toBe(name)
  expect(() => queueModelNamed('fifo')).toThrow(/risk-adverse/)
})
