import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Delta } from '../../src/core/scan/delta.ts'
import { FarPlaces } from '../../src/core/scan/far.ts'
import { carried, FAR_REACH, type Known, knownOf } from '../../src/core/scan/known.ts'
import type { Hit } from '../../src/core/scan/rule.ts'
import type { SourceHit } from '../../src/core/scan/windows.ts'

/** A piece of the base, or bytes of its own. */
type Piece = readonly [from: number, length: number] | string

function number(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128)
  return [...out, rest]
}

/** As git writes it: at most 65,535 bytes of the base and 127 of its own at a time. */
function packed(baseLength: number, size: number, pieces: readonly Piece[]): Buffer {
  const out = [...number(baseLength), ...number(size)]
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      const bytes = Buffer.from(piece, 'latin1')
      for (let at = 0; at < bytes.length; at += 127) {
        const part = bytes.subarray(at, at + 127)
        out.push(part.length, ...part)
      }
      continue
    }
    const [from, length] = piece
    for (let at = 0; at < length; at += 65_535) {
      const count = Math.min(65_535, length - at)
      const place = from + at
      out.push(0xff & (0x80 | 0x3f), place & 255, (place >> 8) & 255, (place >> 16) & 255, 0, count & 255, count >> 8)
    }
  }
  return Buffer.from(out)
}

function read(baseLength: number, pieces: readonly Piece[]): Delta {
  const size = pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : piece[1]), 0)
  const bytes = packed(baseLength, size, pieces)
  const delta = new Delta()
  expect(delta.read(bytes, bytes.length, baseLength)).toBe(true)
  return delta
}

/** Where each byte of the text comes from; -1 for its own. */
function sources(pieces: readonly Piece[]): number[] {
  return pieces.flatMap((piece) =>
    typeof piece === 'string'
      ? Array.from({ length: piece.length }, () => -1)
      : Array.from({ length: piece[1] }, (_, i) => piece[0] + i),
  )
}

/** Byte by byte: where [start, end) of the base stands, in one piece and nowhere else. */
function placeOf(start: number, end: number, baseLength: number, made: readonly number[]): number | undefined {
  const places = made.flatMap((from, i) => (from >= start && from < end ? [i] : []))
  const [first] = places
  if (first === undefined || places.length !== end - start) return undefined
  if (!places.every((place, i) => place === first + i && made[place] === start + i)) return undefined
  const last = first + end - start
  return (start === 0) === (first === 0) && (end === baseLength) === (last === made.length) ? first : undefined
}

const BASE = 600

const aPiece = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 0, max: BASE - 1 }), fc.integer({ min: 1, max: BASE })) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 40 }) },
)
/** The base with pieces cut out, put in, or set twice. */
const pieces = fc
  .oneof(
    fc.array(aPiece, { minLength: 1, maxLength: 6 }),
    fc
      .tuple(fc.integer({ min: 0, max: BASE }), fc.integer({ min: 0, max: 20 }), fc.array(aPiece, { maxLength: 2 }))
      .map(([at, gone, own]): Piece[] => [[0, at], ...own, [Math.min(BASE, at + gone), BASE]]),
  )
  .map((all) =>
    all.flatMap((piece): Piece[] => {
      if (typeof piece === 'string') return [piece]
      const length = Math.min(piece[1], BASE - piece[0])
      return length > 0 ? [[piece[0], length]] : []
    }),
  )
const range = fc
  .tuple(fc.integer({ min: 0, max: BASE - 1 }), fc.integer({ min: 1, max: 80 }))
  .map(([start, length]): readonly [number, number] => [start, Math.min(BASE, start + length)])

const hit = (start: number, end: number): Hit => ({
  rule: 'r',
  tier: 'likely',
  start,
  end,
  value: 'v',
  via: '',
  reason: '',
  role: undefined,
})

describe('what still holds', () => {
  test('where every byte it hung on is copied in one piece, and none twice', () => {
    let held = 0
    fc.assert(
      fc.property(pieces, fc.array(range, { minLength: 1, maxLength: 3 }), fc.nat(3), (all, ranges, hits) => {
        const known: Known = {
          hits: ranges.slice(0, hits).map(([start, end]) => hit(start, end)),
          places: ranges.flat(),
        }
        const made = sources(all)
        const expected = ranges.map(([start, end]) => placeOf(start, end, BASE, made))
        const moved = carried(known, read(BASE, all), BASE)
        if (expected.includes(undefined)) {
          expect(moved).toBeUndefined()
          return
        }
        held++
        expect(moved?.places).toEqual(
          ranges.flatMap(([start, end], n) => [expected[n], (expected[n] ?? 0) + end - start]),
        )
        expect(moved?.hits.map(({ start, end }) => [start, end])).toEqual(
          known.hits.map(({ start, end }, n) => [expected[n], (expected[n] ?? 0) + end - start]),
        )
      }),
      { numRuns: 3000 },
    )
    expect(held).toBeGreaterThan(200)
  })

  test('nothing is known where not all was decoded, all where nothing was said', () => {
    const far = new FarPlaces()
    expect(knownOf(Buffer.from('x'), 1, [], far)).toEqual({ hits: [], places: [] })
    far.isEverywhere = true
    expect(knownOf(Buffer.from('x'), 1, [], far)).toBeUndefined()
  })

  test('a place reaches beyond its hit, and on to the ends of the runs there', () => {
    const run = 'a1'.repeat(50)
    const text = Buffer.from(`${' '.repeat(100)}${run}${' '.repeat(FAR_REACH - 20)}SECRET${' '.repeat(5000)}`)
    const start = text.indexOf('SECRET')
    const found: SourceHit = {
      hit: hit(start, start + 6),
      line: 1,
      column: 1,
      offset: start,
      lineText: '',
      previousLine: '',
    }
    const { places } = knownOf(text, text.length, [found], new FarPlaces()) ?? { places: [] }
    expect(places).toEqual([100, start + 6 + FAR_REACH])
  })
})
