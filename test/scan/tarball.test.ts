/** Packed tarballs nobody's packer would make. The blocks are built here, by the format's own words. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { failingPaths, fakeToken, put, scanIn, tempFolder } from './helpers.ts'

const END = Buffer.alloc(1024)
const SECRET = Buffer.from(`t = '${fakeToken(160)}'\n`)

interface Header {
  readonly name?: string
  readonly size?: string | Buffer
  readonly type?: string
  readonly link?: string
}

const octal = (size: number) => `${size.toString(8).padStart(11, '0')}\0`

function header({ name = 'package/a.js', size = octal(0), type = '0', link = '' }: Header): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write('0000644\0', 100)
  if (typeof size === 'string') block.write(size, 124)
  else size.copy(block, 124)
  block.write('00000000000\0', 136)
  block.write('        ', 148)
  block.write(type, 156)
  block.write(link, 157)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
const file = (fields: Header = {}, bytes = SECRET) =>
  Buffer.concat([header({ size: octal(bytes.length), ...fields }), padded(bytes)])
const clean = file({ name: 'package/clean.js' }, Buffer.from('ok\n'))
const record = (key: string, value: string) => {
  const rest = ` ${key}=${value}\n`
  const length = [2, 3].map((digits) => digits + rest.length).find((all) => String(all).length === all - rest.length)
  return Buffer.from(`${length}${rest}`)
}
const extended = (type: string, key: string, value: string) => file({ type, name: 'PaxHeader' }, record(key, value))

async function scan(parts: readonly Buffer[], pack: (bytes: Buffer) => Buffer = gzipSync) {
  const root = tempFolder()
  put(root, { 'p.tgz': pack(Buffer.concat(parts)) })
  const report = await scanIn(root, { package: join(root, 'p.tgz') })
  return { exit: report.exit, paths: failingPaths(report), unread: report.coverage.unread.map(({ reason }) => reason) }
}

const FOUND = { exit: 1, paths: ['package/a.js'], unread: [] }

describe('what stands in a tarball is found', () => {
  const found: [string, Buffer[]][] = [
    ['plain', [file(), END]],
    [
      'with its size in an extended header',
      [extended('x', 'size', String(SECRET.length)), header({}), padded(SECRET), clean, END],
    ],
    ['with its size for all entries', [extended('g', 'size', String(SECRET.length)), header({}), padded(SECRET), END]],
    [
      'with a binary size',
      [file({ size: Buffer.from([0x80, ...Array.from({ length: 10 }, () => 0), SECRET.length]) }), END],
    ],
    ['of a type that nobody knows', [file({ type: 'Z' }), clean, END]],
    ['behind the end', [clean, END, file(), END]],
    ['without an end', [file()]],
  ]
  test.each(found)('%s', async (_, parts) => expect(await scan(parts)).toEqual(FOUND))

  test('in a second gzip member', async () => {
    expect(await scan([], () => Buffer.concat([gzipSync(clean), gzipSync(Buffer.concat([file(), END]))]))).toEqual(
      FOUND,
    )
  })

  test('in names, targets of links and comments', async () => {
    const token = fakeToken(161)
    expect((await scan([file({ name: `package/${token}` }, Buffer.from('ok\n')), END])).exit).toBe(1)
    expect((await scan([header({ type: '2', link: token }), clean, END])).exit).toBe(1)
    expect((await scan([extended('g', 'comment', token), clean, END])).exit).toBe(1)
    expect((await scan([extended('x', 'path', `package/${token}`), header({}), clean, END])).exit).toBe(1)
  })

  test('under names that lead elsewhere', async () => {
    expect((await scan([file({ name: '../../etc/x\n::error::y' }), END])).paths).toEqual(['../../etc/x\n::error::y'])
  })
})

describe('what is no tarball is not clean', () => {
  const broken: [string, Buffer[], string][] = [
    ['no header', [Buffer.from('hello world\n'.repeat(900))], 'no tar header where one should be'],
    ['something between entries', [clean, Buffer.alloc(512, 'x'), file(), END], 'no tar header where one should be'],
    ['a negative size', [file({ size: '-0000000001\0' }), END], 'a tar header with an impossible size'],
    ['a size that is no number', [extended('x', 'size', '1e3'), file(), END], 'a tar header with an impossible size'],
    ['a name without end', [header({ type: 'L', size: octal(1 << 30) }), END], 'a tar header with an impossible size'],
    [
      'a size beyond the end',
      [header({ size: octal(1 << 20) }), padded(Buffer.from('ok\n'))],
      'tarball is cut short or holds no entry',
    ],
    ['a cut header', [clean, header({}).subarray(0, 100)], 'tarball is cut short or holds no entry'],
    ['nothing', [END], 'tarball is cut short or holds no entry'],
  ]
  test.each(broken)('%s', async (_, parts, why) =>
    expect(await scan(parts)).toEqual({ exit: 3, paths: [], unread: [why] }),
  )

  test('cut anywhere: what came is read, and the rest is said to be missing', async () => {
    const whole = gzipSync(Buffer.concat([file(), END]), { level: 0 })
    for (const share of [0.2, 0.5, 0.9]) {
      const { exit, unread } = await scan([], () => whole.subarray(0, Math.floor(whole.length * share)))
      expect([exit === 0, unread.length]).toEqual([false, 1])
    }
    const cut = await scan([header({ size: octal(1 << 20) }), SECRET])
    expect(cut).toEqual({ exit: 1, paths: ['package/a.js'], unread: ['tarball is cut short or holds no entry'] })
  })
})
