import { render } from 'ink-testing-library'
import { describe, expect, test } from 'vitest'
import { Screen } from '../../src/dashboard/screen.tsx'
import { clockText, cutText, rateText, signedText, spanText, uptimeText } from '../../src/dashboard/text.ts'
import { liveView } from './fixture.ts'

// ink-testing-library's own terminal is 100 columns wide.
const frameOf = (symbols: string[], columns: number, rows: number): string => {
  const { lastFrame, unmount } = render(<Screen live={liveView(symbols)} columns={columns} rows={rows} />)
  const frame = lastFrame() ?? ''
  unmount()
  return frame
}

describe('screen', () => {
  test('shows phase, quotes with queue position, position, profit split, guards, latencies and news', () => {
    const frame = frameOf(['BTCUSDT'], 100, 40)
    for (const text of [
      'QUOTING',
      '61799.8',
      'ahead 1.204',
      'position −0.013',
      'UNKNOWN 1',
      'spread +2.5 inventory −1.1',
      'fees −0.1654',
      '● max-position',
      'book 2.1 s old',
      'tick → request p50 16 µs p99 70 µs p99.9 210 µs',
      'requests 4.3/s',
      'journal 119990/120000',
      'markout bps 1.0 s −0.21',
    ]) {
      expect(frame).toContain(text)
    }
  })

  test('text from outside cannot drive the terminal', () => {
    const frame = frameOf(['BTCUSDT'], 100, 40)
    expect(frame).toContain('\\x1b[31mcolour and \\u{202e} tricks')
    expect(frame).not.toContain('\u202e')
  })

  test.each([
    [20, 5],
    [30, 8],
    [40, 12],
    [40, 20],
    [60, 20],
    [60, 24],
    [80, 24],
    [96, 30],
    [100, 60],
  ])('fits %i × %i, the phase and a position always in sight', (columns, rows) => {
    const lines = frameOf(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'], columns, rows).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    expect(lines.length).toBeLessThan(rows)
    expect(lines[0]).toContain('QUOTING')
    expect(lines.join('\n')).toMatch(/BTCUSDT[^]*−0\.013/)
  })

  test('a tiny terminal still shows the guard that pulls and orders nobody knows', () => {
    const frame = frameOf(['BTCUSDT'], 60, 8)
    for (const text of ['stale-book book 2.1 s old', 'PnL +1.23', 'UNKNOWN 1']) expect(frame).toContain(text)
  })

  test('before the first quote it says what is waited for', () => {
    const live = liveView()
    const symbols = live.view.symbols.map((symbol) => ({ ...symbol, bids: [], asks: [], sigmaTicks: null }))
    const { lastFrame, unmount } = render(
      <Screen live={{ ...live, view: { ...live.view, symbols } }} columns={100} rows={40} />,
    )
    expect(lastFrame()).toContain('no quotes yet: measuring volatility')
    unmount()
  })

  test('profit that a position brought along is part of the sum that is shown', () => {
    const live = liveView()
    const symbols = live.view.symbols.map((symbol) => ({ ...symbol, pnl: { ...symbol.pnl, carried: '-0.1427' } }))
    const { lastFrame, unmount } = render(
      <Screen live={{ ...live, view: { ...live.view, symbols } }} columns={100} rows={40} />,
    )
    expect(lastFrame()).toContain('carried −0.1427')
    unmount()
  })

  test('says how many symbols a small terminal leaves out', () => {
    expect(frameOf(['A', 'B', 'C', 'D'], 100, 40)).toContain('more symbols')
  })

  test('waits in plain words before the first view', () => {
    const { lastFrame } = render(<Screen live={null} columns={80} rows={24} />)
    expect(lastFrame()).toContain('waiting for the bot')
  })
})

test.each([
  [uptimeText(1_000_000_000), '00:16:40'],
  [uptimeText(90_000_000_000), '1 d 01:00:00'],
  [spanText(950), '950 µs'],
  [spanText(12_340), '12.3 ms'],
  [spanText(123_400), '123 ms'],
  [spanText(4_000_000), '4.0 s'],
  [spanText(180_000_000), '3 min'],
  [spanText(Number.NaN), '–'],
  [signedText('1.5'), '+1.5'],
  [signedText('-0.013'), '−0.013'],
  [signedText('-0.000'), '0'],
  [cutText('1.23456789', 4), '1.2345'],
  [cutText('1.0000', 2), '1'],
  [cutText('12', 2), '12'],
  [clockText(1_764_000_000_123_000), '16:00:00.123'],
  [rateText(812.4), '812/s'],
  [rateText(4.25), '4.3/s'],
])('%s is %s', (got, expected) => {
  expect(got).toBe(expected)
})
