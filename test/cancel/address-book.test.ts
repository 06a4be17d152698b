/** Addresses on a day without DNS: the resolver is a parameter here; the whole command is in command.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AddressBook, type Resolve } from '../../src/core/cancel/address-book.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-address-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const HOST = 'api.bybit.com'
const silent: Resolve = () => undefined
const asked = (book: AddressBook, all = false): Promise<unknown> =>
  new Promise((resolve) =>
    book.lookup(HOST, { all }, (error, address, family) =>
      resolve(error === null ? (all ? address : [address, family]) : 'code' in error && error.code),
    ),
  )
const save = (text: string): void => writeFileSync(join(dir, 'addresses.json'), text)

test('an address given by hand: DNS and the disk are not asked', async () => {
  const never: Resolve = () => expect.unreachable('DNS was asked')
  save('{"api.bybit.com":"10.9.9.9"}')
  const book = new AddressBook(new Map([[HOST, '10.0.0.1']]), dir, never)
  expect([await asked(book), await asked(book, true)]).toEqual([['10.0.0.1', 4], [{ address: '10.0.0.1', family: 4 }]])
})

test('all addresses of a living DNS, so that the second is tried where the first is dead', async () => {
  const two: Resolve = (_, done) =>
    done(null, [
      { address: '2001:db8::1', family: 6 },
      { address: '10.0.0.2', family: 4 },
    ])
  expect(await asked(new AddressBook(new Map(), dir, two), true)).toHaveLength(2)
})

test('a resolver that never answers: the remembered address, and one question for all who ask', async () => {
  save('{"api.bybit.com":"10.0.0.3"}')
  const resolve = vi.fn(silent)
  const book = new AddressBook(new Map(), dir, resolve)
  const all = await Promise.all([asked(book), asked(book), asked(book)])
  expect(all).toEqual(Array.from({ length: 3 }, () => ['10.0.0.3', 4]))
  expect(await asked(book)).toEqual(['10.0.0.3', 4])
  expect(resolve).toHaveBeenCalledTimes(1)
})

test('a resolver that never answers, and nothing remembered: said within its deadline', async () => {
  expect(await asked(new AddressBook(new Map(), dir, silent))).toBe('ENOTFOUND')
})

const WRONG = ['', '{"half', '[]', 'null', '{"api.bybit.com":"evil.example"}', '{"api.bybit.com":7}']
test.each(WRONG)('a damaged memory (%s) is no memory', async (text) => {
  save(text)
  const failing: Resolve = (_, done) => done(new Error('SERVFAIL'))
  expect(await asked(new AddressBook(new Map(), dir, failing))).toBe('ENOTFOUND')
})

test('what answered is remembered for the next run', async () => {
  save('{"other":"10.0.0.4"}')
  new AddressBook(new Map(), dir, silent).confirm(HOST, '10.0.0.5')
  // As long as a disk may take.
  await vi.waitFor(
    () =>
      expect(JSON.parse(readFileSync(join(dir, 'addresses.json'), 'utf8'))).toEqual({
        other: '10.0.0.4',
        [HOST]: '10.0.0.5',
      }),
    { timeout: 50_000 },
  )
})
