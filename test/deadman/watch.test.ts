/** The dead-man's decisions: every row of its table, its heartbeats as bytes, and what a recording cannot do. */
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { decode, decodeAck, encode, encodeAck, type Heartbeat } from '../../src/core/deadman/message.ts'
import { GUARD_NEXT, type GuardPhase, type GuardSignal, Watch } from '../../src/core/deadman/watch.ts'

const WALL = 1_760_000_000_000
const beat = (counter: number, more: Partial<Heartbeat> = {}): Heartbeat => ({
  kind: 'beat',
  bot: 'mm00-1abcdef-',
  counter,
  sentMs: WALL,
  upMs: 0,
  venue: 'live',
  exchangeUrl: '',
  createWindowMs: 2_000,
  stateDir: '/var/lib/mm',
  ...more,
})
const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex')
const other = Buffer.from('ff23456789abcdef0123456789abcdef', 'hex')

describe('table', () => {
  const ROWS: [GuardPhase, GuardSignal, GuardPhase][] = [
    ['idle', 'beat', 'armed'],
    ['idle', 'stop', 'idle'],
    ['idle', 'silence', 'idle'],
    ['armed', 'stop', 'idle'],
    ['armed', 'silence', 'firing'],
    ['firing', 'beat', 'firing'],
    ['firing', 'stop', 'firing'],
    ['firing', 'failed', 'firing'],
    ['firing', 'zero', 'fired'],
    ['fired', 'beat', 'armed'],
    ['fired', 'silence', 'fired'],
  ]
  test.each(ROWS)('%s + %s → %s', (from, signal, to) => {
    const watch = new Watch(3_000)
    watch.phase = from
    watch.signal(signal)
    expect(watch.phase).toBe(to)
  })

  test('only a stop or an emergency leads out of armed', () => {
    expect(Object.keys(GUARD_NEXT.armed).sort()).toEqual(['silence', 'stop'])
  })
})

describe('time', () => {
  test('fires once, after the TTL and not before', () => {
    const watch = new Watch(3_000)
    expect(watch.tick(1e9)).toBe(false)
    watch.hear(beat(WALL * 1_000), 10_000, WALL)
    expect([watch.tick(12_999), watch.tick(13_000), watch.tick(13_001)]).toEqual([false, true, false])
  })

  test('any schedule of heartbeats: fires exactly at the first gap of a TTL', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 40 }), (gaps) => {
        const watch = new Watch(3_000)
        let nowMs = 0
        watch.hear(beat(WALL * 1_000), nowMs, WALL)
        for (const [index, gap] of gaps.entries()) {
          nowMs += gap
          const isFired = watch.tick(nowMs)
          expect(isFired).toBe(gap >= 3_000)
          if (isFired) return
          watch.hear(beat(WALL * 1_000 + index + 1, { upMs: nowMs }), nowMs, WALL)
        }
      }),
    )
  })
})

describe('what counts', () => {
  test('a counter seen before, an older one, and one of long ago do not', () => {
    const watch = new Watch(3_000)
    const base = WALL * 1_000
    expect(watch.hear(beat(base + 5), 0, WALL)).toBe(true)
    expect(watch.hear(beat(base + 5), 1, WALL)).toBe(false)
    expect(watch.hear(beat(base + 4), 2, WALL)).toBe(false)
    // A guard that was started anew remembers nothing; the recording is too old by the clock.
    expect(new Watch(3_000).hear(beat(base - 6 * 60_000_000), 0, WALL)).toBe(false)
    expect(watch.refused).toBe(2)
    // None of it kept the bot alive.
    expect(watch.tick(3_000)).toBe(true)
  })

  test('beats that somebody held back keep nobody alive, whatever the clocks of the two hosts say', () => {
    const watch = new Watch(3_000)
    const base = WALL * 1_000
    const heard = [0, 1_000, 2_000].map((atMs) => watch.hear(beat(base + atMs, { upMs: 50_000 + atMs }), atMs, WALL))
    // The bot is dead; what it said at 3 s and 4 s is handed out late.
    heard.push(watch.hear(beat(base + 3_000, { upMs: 53_000 }), 4_900, WALL))
    expect(heard).toEqual([true, true, true, false])
    expect([watch.tick(4_999), watch.tick(5_000)]).toEqual([false, true])
    // Armed anew by whatever comes first after that: a machine that slept has another distance.
    watch.signal('zero')
    expect(watch.hear(beat(base + 4_000, { upMs: 54_000 }), 9_000, WALL)).toBe(true)
  })

  test('clocks that drift by 200 ppm for a day stay together', () => {
    const watch = new Watch(3_000)
    for (let atMs = 0; atMs <= 86_400_000; atMs += 1_000) {
      const upMs = Math.floor(atMs * 0.9998)
      watch.hear(beat(WALL * 1_000 + atMs, { upMs }), atMs, WALL)
    }
    expect([watch.phase, watch.refused]).toEqual(['armed', 0])
  })

  test('a stop holds however late it comes', () => {
    const watch = new Watch(3_000)
    watch.hear(beat(WALL * 1_000), 0, WALL)
    expect(watch.hear(beat(WALL * 1_000 + 1, { kind: 'stop', upMs: 1 }), 2_900, WALL)).toBe(true)
    expect(watch.phase).toBe('idle')
  })

  test('another bot neither keeps this one alive nor disarms the guard', () => {
    const watch = new Watch(3_000)
    watch.hear(beat(WALL * 1_000), 0, WALL)
    expect(watch.hear(beat(WALL * 1_000 + 1, { bot: 'mm01-x-', kind: 'stop' }), 2_000, WALL)).toBe(false)
    expect(watch.tick(3_000)).toBe(true)
  })
})

describe('bytes', () => {
  test('there and back, signed and plain', () => {
    for (const by of [null, key]) {
      expect(decode(encode(beat(7), by), by)).toEqual(beat(7))
      expect(decodeAck(encodeAck(7, by), by)).toBe(7)
    }
  })

  test('any changed byte of a signed heartbeat is refused', () => {
    const line = encode(beat(7), key)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: line.length - 1 }), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1)
        expect(decode(changed, key)).toEqual(changed === line ? beat(7) : null)
      }),
    )
    expect(decode(line, other)).toBeNull()
    expect(decode(encode(beat(7), null), key)).toBeNull()
    expect(decodeAck(encodeAck(7, other), key)).toBeNull()
  })

  const BAD: unknown[] = [
    null,
    [],
    'beat',
    { ...beat(1), kind: 'x' },
    { ...beat(1), bot: '' },
    { ...beat(1), bot: 'x'.repeat(37) },
    { ...beat(1), counter: -1 },
    { ...beat(1), counter: 1.5 },
    { ...beat(1), createWindowMs: 1e9 },
    { ...beat(1), exchangeUrl: 7 },
    { ...beat(1), stateDir: 'x'.repeat(2_001) },
  ]
  test.each(BAD.map((value) => [JSON.stringify(value)]))('%s is no heartbeat', (text) => {
    expect(decode(text, null)).toBeNull()
  })
})
