/** The small parts: signatures, hosts, codes, budgets, pauses, spelling. */
import { createVerify } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Prng } from '../../../src/core/domain/prng.ts'
import { Secret } from '../../../src/core/domain/secret.ts'
import { orderSeq } from '../../../src/core/domain/units.ts'
import { Backoff } from '../../../src/core/exchange/bybit/backoff.ts'
import { actionOf, CODES, isOutcomeUnknown } from '../../../src/core/exchange/bybit/codes.ts'
import { amendBody, cancelBody, createBody, orderFrame } from '../../../src/core/exchange/bybit/encode-order.ts'
import { checkedUrl, isLoopback, VENUES } from '../../../src/core/exchange/bybit/hosts.ts'
import { OrderLinks } from '../../../src/core/exchange/bybit/order-links.ts'
import { limitHeaders, RateBudget } from '../../../src/core/exchange/bybit/rate-budget.ts'
import { authMessage, restHeaders, signerOf } from '../../../src/core/exchange/bybit/signing.ts'
import { key, rsaPair } from './scripted-exchange.ts'

describe('signing', () => {
  test('HMAC-SHA256 as lower-case hex (RFC 4231, case 2)', () => {
    const signer = signerOf({ ...key, secret: new Secret('Jefe') })
    expect(signer.sign('what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  test('RSA-SHA256 as base64, verifiable with the public key', () => {
    const { privatePem, publicPem } = rsaPair()
    const signer = signerOf({ ...key, kind: 'rsa', secret: new Secret(privatePem) })
    const verified = createVerify('RSA-SHA256').update('text').verify(publicPem, signer.sign('text'), 'base64')
    expect(verified).toBe(true)
  })

  test('REST signs timestamp, key, window and payload in that order', () => {
    const signer = signerOf(key)
    const headers = restHeaders(signer, { timestampMs: 17, windowMs: 5_000, payload: 'a=1&b=%20' })
    expect(headers).toEqual({
      'X-BAPI-API-KEY': 'testkey',
      'X-BAPI-TIMESTAMP': '17',
      'X-BAPI-RECV-WINDOW': '5000',
      'X-BAPI-SIGN-TYPE': '2',
      'X-BAPI-SIGN': signer.sign('17testkey5000a=1&b=%20'),
    })
  })

  test('sockets sign GET/realtime and the expiry', () => {
    const signer = signerOf(key)
    expect(JSON.parse(authMessage(signer, 99))).toEqual({
      op: 'auth',
      args: ['testkey', 99, signer.sign('GET/realtime99')],
    })
  })
})

describe('hosts', () => {
  const live = [...Object.values(VENUES).flatMap((hosts) => Object.values({ ...hosts })), 'https://api.bytick.com']

  test.each(live)('%s may be used for real money, never in paper mode', (url) => {
    expect(checkedUrl(url, 'live').href).toBe(`${url}/`)
    expect(() => checkedUrl(url, 'paper')).toThrow(/stays on this machine/)
  })

  test.each(['http://127.0.0.1:8080', 'ws://127.9.9.9:1', 'http://localhost:3', 'ws://[::1]:5'])(
    '%s is loopback',
    (url) => {
      expect(checkedUrl(url, 'paper').host).toBe(new URL(url).host)
    },
  )

  test.each([
    ['plain text', 'http://api.bybit.com'],
    ['another host', 'https://api.bybit.com.evil.test'],
    ['a look-alike', 'https://api-bybit.com'],
    ['a user in it', 'https://user@api.bybit.com'],
    ['a file', 'file:///etc/passwd'],
    ['metadata service', 'http://169.254.169.254'],
    ['a name that only starts like loopback', 'http://127.0.0.1.evil.test'],
  ])('%s is refused everywhere', (_, url) => {
    for (const venue of ['paper', 'demo', 'testnet', 'live'] as const) {
      expect(() => checkedUrl(url, venue)).toThrow(expect.objectContaining({ code: 'HOST_REFUSED' }))
    }
  })

  test.each(['api.bybit.com', 'notaurl', '', 'localhost:8080', 'http://'])(
    '"%s" is no URL: a mistake in the usage',
    (url) => {
      expect(() => checkedUrl(url, 'paper')).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2 }))
    },
  )

  test('the message does not repeat a password', () => {
    const password = ['hun', 'ter2'].join('')
    expect(() => checkedUrl(`https://u:${password}@api.bybit.com`, 'live')).toThrow(/^(?!.*hunter2)/)
  })

  test('loopback is a question of numbers, not of spelling', () => {
    expect(isLoopback(new URL('http://2130706433').hostname)).toBe(true)
    expect(isLoopback('128.0.0.1')).toBe(false)
  })
})

describe('codes', () => {
  test.each([
    ['ok', [0]],
    ['resync-time', [10002, -1]],
    ['retry-after', [10006, 170005, 170222]],
    ['ambiguous', [429, 10000, 10016, 10403, 10429, 20003, 20006, 170001, 170007, 170032, 170146, 170147, 170149]],
    ['ambiguous', [170150, 170234, 170310, 170311]],
    ['reconnect', [10019]],
    ['gone', [110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213]],
    ['dup', [110072, 170141, 110030]],
    ['noop', [110025, 110026, 110027, 110043, 34040, 20001]],
    ['resync-position', [110017]],
    ['resync-order', [110064, 170313, 40004]],
    ['reprice', [110003, 30208, 30209, 110103, 110120, 110121, 170132, 170133, 170193, 170194, 170218, 170371, 170372]],
    ['risk', [110004, 110007, 110012, 110021, 110040, 110044, 110045, 110090, 110131, 170131]],
    ['limit', [110020, 170810]],
    ['retry-later', [110063, 110079, 110118, 170144, 170191, 170212]],
    ['halt-symbol', [30228, 110023, 110042, 110066, 110074, 110095, 110098, 170151, 170157]],
    ['fatal-auth', [10003, 10004, 10005, 10007, 10010, 33004, -2015]],
    ['fatal-account', [10008, 10009, 10024, 10027, 10028, 110123, 110124, 110132]],
    ['backoff-ip', [10018]],
    ['bug', [10017, 10404]],
  ] as const)('%s', (action, codes) => {
    expect(codes.map((code) => actionOf(code))).toEqual(codes.map(() => action))
  })

  test('every code has one row; a code nobody listed is an unknown outcome', () => {
    expect(CODES.size).toBe(130)
    expect(isOutcomeUnknown(actionOf(123_456))).toBe(true)
  })
})

describe('rate budget', () => {
  test('no second ever holds more sends than the limit, whatever the limit is changed to', () => {
    const step = fc.record({ gapUs: fc.nat(400_000), limit: fc.option(fc.integer({ min: 1, max: 30 }), { freq: 10 }) })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(step, { minLength: 50, maxLength: 400 }),
        (first, steps) => {
          const budget = new RateBudget(first)
          const sent: number[] = []
          let limit = first
          let nowUs = 1_000_000
          for (const { gapUs, limit: next } of steps) {
            nowUs += gapUs
            if (next !== null) {
              budget.learnLimit(next)
              limit = next
            }
            const recent = sent.filter((atUs) => atUs > nowUs - 1_000_000).length
            const isTaken = budget.take(nowUs)
            if (isTaken) {
              expect(recent).toBeLessThan(limit)
              sent.push(nowUs)
            }
          }
        },
      ),
      { numRuns: process.env['MM_VERIFY'] ? 5_000 : 200 },
    )
  })

  test('a clock that is set back neither blocks for that long nor forgets what was sent', () => {
    const budget = new RateBudget(3)
    for (const atUs of [60_000_000, 60_100_000, 60_200_000]) expect(budget.take(atUs)).toBe(true)
    budget.blockUntil(60_900_000)
    // Thirty seconds back: the last send counts as made now.
    expect(budget.take(30_000_000)).toBe(false)
    expect(budget.take(30_690_000)).toBe(false)
    expect(budget.take(30_860_000)).toBe(true)
    expect(budget.take(30_870_000)).toBe(false)
    expect(budget.take(30_960_000)).toBe(true)
  })

  test('it does let through what the limit allows', () => {
    const budget = new RateBudget(10)
    let taken = 0
    for (let ms = 0; ms < 10_000; ms += 10) if (budget.take(ms * 1_000)) taken++
    expect(taken).toBeGreaterThanOrEqual(95)
    expect(taken).toBeLessThanOrEqual(100)
  })

  test('a block holds until its end', () => {
    const budget = new RateBudget(10)
    budget.blockUntil(500)
    expect([budget.take(499), budget.take(500)]).toEqual([false, true])
  })

  test.each([
    [
      { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '9', 'X-Bapi-Limit-Reset-Timestamp': '5' },
      { limit: 10, remaining: 9, resetMs: 5 },
    ],
    [{ 'x-bapi-limit': '10' }, { limit: 10, remaining: 10, resetMs: 0 }],
    [{ 'x-bapi-limit': 'many' }, null],
    [{}, null],
  ])('headers %j', (headers, limits) => {
    expect(limitHeaders(headers)).toEqual(limits)
  })
})

test('pauses double, stay within half and all of the ceiling, and start anew', () => {
  const backoff = new Backoff({ firstMs: 100, lastMs: 1_000 }, new Prng(1))
  for (const ceilingMs of [100, 200, 400, 800, 1_000, 1_000]) {
    const us = backoff.nextUs()
    expect(us).toBeGreaterThanOrEqual(ceilingMs * 500)
    expect(us).toBeLessThanOrEqual(ceilingMs * 1_000)
  }
  backoff.reset()
  expect(backoff.nextUs()).toBeLessThanOrEqual(100_000)
})

describe('order links', () => {
  const links = new OrderLinks('mm00', 'abc1234')

  test('every order number is spelled and read back, within the exchange’s rules', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (order) => {
        const link = links.spell(orderSeq(order))
        expect(links.orderOf(link)).toBe(order)
        expect(link).toMatch(/^[A-Za-z0-9_-]{1,36}$/)
      }),
    )
  })

  test.each(['', 'mm00-abc1234-', 'mm00-abc1234-0', 'mm00-abc1234-A', 'mm00-other00-1', 'mm01-abc1234-1', 'x'])(
    '%j is not ours',
    (link) => {
      expect(links.orderOf(link)).toBe(0)
    },
  )

  test('request ids are no order links', () => {
    expect(links.orderOf(links.request(36))).not.toBe(36)
  })
})

test('order frames are the JSON they look like', () => {
  const fields = {
    category: 'spot',
    symbol: 'BTCUSDT',
    link: 'mm00-a-1',
    isBuy: false,
    priceText: '1.5',
    sizeText: '0.1',
    timeInForce: 'IOC',
    isReduceOnly: true,
  } as const
  const frame = orderFrame({ requestId: 'r', kind: 'place', timestampMs: 5, windowMs: 6 }, createBody(fields))
  expect(JSON.parse(frame)).toMatchObject({
    reqId: 'r',
    op: 'order.create',
    header: { 'X-BAPI-TIMESTAMP': '5', 'X-BAPI-RECV-WINDOW': '6' },
    args: [{ category: 'spot', side: 'Sell', timeInForce: 'IOC', orderLinkId: 'mm00-a-1' }],
  })
  // Spot knows neither position index nor reduce-only.
  expect(frame).not.toMatch(/positionIdx|reduceOnly/)
  expect(JSON.parse(amendBody(fields))).toMatchObject({ qty: '0.1', price: '1.5' })
  expect(JSON.parse(cancelBody(fields))).toEqual({ category: 'spot', symbol: 'BTCUSDT', orderLinkId: 'mm00-a-1' })
  expect(JSON.parse(createBody({ ...fields, category: 'linear' }))).toMatchObject({ positionIdx: 0, reduceOnly: true })
})
