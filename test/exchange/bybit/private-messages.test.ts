/** Rows of the account as records: exact money, every kind of row, tolerance for what exchanges leave out. */
import { Decimal } from 'decimal.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromSteps } from '../../../src/core/domain/fixed.ts'
import { OrderLinks } from '../../../src/core/exchange/bybit/order-links.ts'
import { readExecution, readOrder, readPosition } from '../../../src/core/exchange/bybit/private-messages.ts'
import { SymbolTable } from '../../../src/core/exchange/bybit/symbol-table.ts'
import { BTC, COARSE, FINE, instrument } from './instruments.ts'
import { executionRow, LINK, orderRow, positionRow } from './scripted-exchange.ts'

const links = new OrderLinks('mm00', 'epoch01')
const context = { symbols: new SymbolTable([BTC, COARSE, FINE]), links }
const spot = {
  symbols: new SymbolTable([instrument({ category: 'spot', lotSize: '0.000001', sizeMin: '0.000001' })]),
  links,
}

describe('orders', () => {
  test.each([
    ['New', 'open'],
    ['PartiallyFilled', 'open'],
    ['Untriggered', 'open'],
    ['SomethingNew', 'open'],
    ['Filled', 'filled'],
    ['Cancelled', 'canceled'],
    ['PartiallyFilledCanceled', 'canceled'],
    ['Deactivated', 'canceled'],
    ['Rejected', 'rejected'],
  ])('%s is %s', (orderStatus, state) => {
    expect(readOrder(orderRow(LINK(9), { orderStatus }), context)).toMatchObject({ order: 9, state })
  })

  test.each([
    ['EC_PostOnlyWillTakeLiquidity', 'UNKNOWN', 'EC_PostOnlyWillTakeLiquidity', true],
    ['EC_NoError', 'CancelByUser', 'CancelByUser', false],
    ['', 'CancelBySmp', 'CancelBySmp', false],
    ['UNKNOWN', 'CancelByDCP', 'CancelByDCP', false],
  ])('cancelled with %j and %j', (rejectReason, cancelType, reason, isPostOnlyMiss) => {
    const row = orderRow(LINK(1), { orderStatus: 'Cancelled', rejectReason, cancelType })
    expect(readOrder(row, context)).toMatchObject({ reason, isPostOnlyMiss })
  })

  test('an order id of 19 digits stays text', () => {
    expect(readOrder(orderRow(LINK(1), { orderId: '1523347543495541248' }), context)).toMatchObject({
      orderId: '1523347543495541248',
    })
  })

  test.each([
    ['another symbol', { symbol: 'XRPUSDT' }, 'foreign'],
    ['another bot', { orderLinkId: 'mm01-epoch01-1' }, 'foreign'],
    ['no link', { orderLinkId: '' }, 'foreign'],
    ['no side', { side: '' }, null],
    ['price off the grid', { price: '61800.15' }, null],
    ['no time', { updatedTime: '' }, null],
    ['size that is no number', { qty: 'lots' }, null],
  ])('%s', (_, fields, read) => {
    expect(readOrder(orderRow(LINK(1), fields), context)).toBe(read)
  })
})

describe('executions', () => {
  test('a spot fee in the base coin is valued at the fill’s price, a fee in the quote coin is taken as it is', () => {
    const row = { execQty: '0.5', execPrice: '60000', side: 'Buy' }
    const inBase = readExecution(executionRow('a', { ...row, execFee: '0.0005', feeCurrency: 'BTC' }), spot)
    const inQuote = readExecution(executionRow('b', { ...row, execFee: '30', feeCurrency: 'USDT' }), spot)
    expect([inBase, inQuote]).toMatchObject([{ feeE8: 3_000_000_000n }, { feeE8: 3_000_000_000n }])
  })

  test('a price that no book made is rounded against us, the size is exact', () => {
    const fields = { execType: 'Delivery', execPrice: '61800.1234' }
    expect(readExecution(executionRow('a', { ...fields, side: 'Buy' }), context)).toMatchObject({
      priceTicks: 618_002,
      sizeLots: 4,
    })
    expect(readExecution(executionRow('a', { ...fields, side: 'Sell' }), context)).toMatchObject({
      priceTicks: 618_001,
    })
  })

  test.each([
    ['no id', { execId: '' }],
    ['no time', { execTime: 'soon' }],
    ['fee that is no number', { execFee: 'free' }],
    ['fill without side', { side: '' }],
    ['size off the grid', { execQty: '0.0001' }],
  ])('%s cannot be read', (_, fields) => {
    expect(readExecution(executionRow('a', fields), context)).toBeNull()
  })

  test('funding needs neither side nor size', () => {
    const row = executionRow('f', { execType: 'Funding', side: '', execQty: '', execPrice: '', execFee: '-1.5' })
    expect(readExecution(row, context)).toMatchObject({ kind: 'funding', feeE8: -150_000_000n })
  })
})

describe('positions', () => {
  test.each([
    ['empty', { side: '', size: '0', avgPrice: '' }, { positionLots: 0, costMoney: 0 }],
    ['empty, as stated elsewhere', { side: 'None', size: '0' }, { positionLots: 0, costMoney: 0 }],
    ['long', { side: 'Buy', size: '0.002', avgPrice: '60000' }, { positionLots: 2, costMoney: 1_200_000 }],
    ['short', { side: 'Sell', size: '0.002', avgPrice: '60000' }, { positionLots: -2, costMoney: -1_200_000 }],
    [
      'stream’s name of the price',
      { side: 'Buy', size: '0.001', avgPrice: undefined, entryPrice: '1' },
      { costMoney: 10 },
    ],
  ])('%s', (_, fields, read) => {
    expect(readPosition(positionRow(fields), context.symbols)).toMatchObject(read)
  })

  test('a size without side cannot be read', () => {
    expect(readPosition(positionRow({ size: '1' }), context.symbols)).toBeNull()
    for (const size of ['\u0000', 'x', '1e400', '9007199254740993', '-1', Number.POSITIVE_INFINITY]) {
      expect(readPosition(positionRow({ side: 'Buy', size, avgPrice: '60000' }), context.symbols)).toBeNull()
    }
  })

  test('cost is average price times size to the nearest money unit, on every grid', () => {
    const on = fc.constantFrom(BTC, COARSE, FINE)
    fc.assert(
      fc.property(
        on,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 10 ** 12 }),
        (rules, lots, micro) => {
          const avgPrice = new Decimal(rules.price.step).times(micro).div(1_000_000).toFixed(18)
          const size = fromSteps(lots, rules.size)
          const row = positionRow({ symbol: rules.symbol, side: 'Buy', size, avgPrice })
          const unit = new Decimal(rules.price.step).times(rules.size.step)
          const exact = new Decimal(avgPrice).times(size).div(unit).toDecimalPlaces(0, Decimal.ROUND_HALF_UP)
          if (exact.gt(Number.MAX_SAFE_INTEGER)) return
          expect(readPosition(row, context.symbols)).toMatchObject({ positionLots: lots, costMoney: exact.toNumber() })
        },
      ),
      { numRuns: process.env['MM_VERIFY'] ? 20_000 : 500 },
    )
  })
})
