/** One backtest by the names of things: what it says of its models, and what it refuses. */
import { afterAll, describe, expect, test } from 'vitest'
import { MmError } from '../../src/core/errors.ts'
import { backtestFile, type BacktestFileOptions } from '../../src/core/runtime/backtest-file.ts'
import { captureHead, captureText, hasCapture, importText, scratch, usdm } from '../recording/capture.ts'

const folder = scratch()
afterAll(folder.remove)

function options(file: string, change: Partial<BacktestFileOptions> = {}): BacktestFileOptions {
  return {
    file,
    sources: { env: {}, cwd: folder.path('.') },
    queueModel: 'risk-adverse',
    latency: '3ms',
    fees: { makerFee: '-0.0001', takerFee: '0.0005' },
    seed: 5,
    ...change,
  }
}

async function errorOf(work: Promise<unknown>): Promise<MmError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof MmError)) throw new Error(`expected an MmError, got ${String(error)}`)
  return error
}

const quote = usdm.quote(1, 2, ['99', '1'], ['101', '1'])
const delta = usdm.delta(0, [1, 2, 0], [['99', '1']], [['101', '1']])

describe('refusals', () => {
  test.each([
    [
      'a book that never comes together',
      [
        [0, delta],
        [1, quote],
      ],
      {},
      'RECORDING_UNSUPPORTED',
      2,
    ],
    ['a fee that is no rate', [[0, delta]], { fees: { makerFee: 'none', takerFee: '0' } }, 'USAGE', 2],
    ['a latency of no unit', [[0, delta]], { latency: '3' }, 'USAGE', 2],
    ['an unknown queue model', [[0, delta]], { queueModel: 'fifo' }, 'USAGE', 2],
  ] as const)('%s', async (name, rows, change, code, exit) => {
    const file = folder.path(name.replaceAll(' ', '-'))
    await importText(captureText(rows), file)
    const error = await errorOf(backtestFile(options(`${file}.rec`, change)))
    expect([error.code, error.exit]).toEqual([code, exit])
  })

  test('an inverse contract, and a file that is not there', async () => {
    const file = folder.path('inverse')
    await importText(captureText([[0, delta]]), file, { category: 'inverse' })
    const inverse = await errorOf(backtestFile(options(`${file}.rec`)))
    expect([inverse.code, inverse.exit]).toEqual(['RECORDING_UNSUPPORTED', 2])
    expect(inverse.message).toContain('inverse')
    expect((await errorOf(backtestFile(options(folder.path('none'))))).code).toBe('RECORDING_MISSING')
  })
})

test.runIf(hasCapture())('the summary names every model, pays the rebate, and reports progress', async () => {
  const file = folder.path('real')
  await importText(captureHead(6_000), file)
  const shares: number[] = []
  const { summary } = await backtestFile(
    options(`${file}.rec`, {
      sources: { env: {}, cwd: folder.path('.'), set: ['strategy=symmetric'] },
      onProgress: (done, total) => shares.push(done / total),
    }),
  )
  expect(summary.models).toEqual({
    market: 'replay of binance BTCUSDT, real',
    queue: 'risk-adverse',
    latency: 'request 3 ms, match 0.3 ms, ack 3 ms, stream 3 ms, feed 1 ms, think 0.02 ms',
    strategy: 'symmetric',
    fees: 'maker -0.0001, taker 0.0005',
  })
  expect(summary).toMatchObject({ run: 'backtest', seed: 5, openOrders: 0, pnl: { fees: '0', identityExact: true } })
  expect(Number(summary.pnl.rebates)).toBeGreaterThan(0)
  expect(shares.length).toBeGreaterThan(0)
  expect(shares.every((share) => share > 0 && share <= 1)).toBe(true)
})
