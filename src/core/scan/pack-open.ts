/**
 * Opens packs and their indexes. Nothing in them is believed: sizes, order, bounds and the index's own checksum are tested
 * first, and an index that fails is as good as absent, so that git is asked instead.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './file-scan.ts'
import { hashOfIds } from './lazy-crypto.ts'
import { HEADER, NUMBERS, PackIndex } from './pack-index.ts'

/** `\377tOc`, version 2. */
const MAGIC = 0xff744f63
/** Two million objects. Whoever has more waits for git anyway. */
const INDEX_MAX = 64 << 20
/** Offset and number of an object must fit one number of 53 bits. */
const PACK_MAX = 2 ** 32
/** Packs that are read; descriptors are few. */
const PACKS_MAX = 128

/** The indexes of the packs in `objects` that can be believed, the largest first. `width` is that of an object id in bytes. */
export function openIndexes(objects: string, width: number): PackIndex[] {
  const folder = join(objects, 'pack')
  const out: PackIndex[] = []
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.idx')) continue
    const path = join(folder, name)
    const bytes = readWhole(path)
    const pack = `${path.slice(0, -4)}.pack`
    const size = bytes !== undefined && isSound(bytes, width) ? packSize(pack, bytes.readUInt32BE(HEADER - 4)) : -1
    if (bytes !== undefined && size > 0 && size < PACK_MAX) out.push(new PackIndex(pack, size, { bytes, width }))
  }
  return out.sort((a, b) => b.size - a.size).slice(0, PACKS_MAX)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // Whatever keeps us out: git is asked, and says so.
    if (codeOf(error) === '') throw error
    return []
  }
}

function isSound(bytes: Buffer, width: number): boolean {
  if (bytes.length < HEADER + 2 * width || bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== 2) return false
  for (let k = 1, last = bytes.readUInt32BE(8); k < 256; k++) {
    const next = bytes.readUInt32BE(8 + k * 4)
    if (next < last) return false
    last = next
  }
  const count = bytes.readUInt32BE(HEADER - 4)
  if (count >= NUMBERS) return false
  const rest = bytes.length - HEADER - count * (width + 8) - 2 * width
  if (rest < 0 || rest % 8 !== 0) return false
  const sum = hashOfIds(width)
    .update(bytes.subarray(0, bytes.length - width))
    .digest()
  return sum.equals(bytes.subarray(bytes.length - width))
}

/** Bytes of the pack when it is one of version 2 or 3 with `count` objects, else -1. */
function packSize(path: string, count: number): number {
  const fd = openPack(path)
  if (fd < 0) return -1
  try {
    const head = Buffer.alloc(12)
    const isPack = readSync(fd, head, 0, 12, 0) === 12 && head.toString('latin1', 0, 4) === 'PACK'
    const version = head.readUInt32BE(4)
    return isPack && (version === 2 || version === 3) && head.readUInt32BE(8) === count ? fstatSync(fd).size : -1
  } finally {
    closeSync(fd)
  }
}

/** A descriptor of the regular file at `path`, below zero when there is none to be had. Never waits on a pipe. */
export function openPack(path: string): number {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (fstatSync(fd).isFile()) return fd
    closeSync(fd)
  } catch (error) {
    if (codeOf(error) === '') throw error
  }
  return -1
}

function readWhole(path: string): Buffer | undefined {
  const fd = openPack(path)
  if (fd < 0) return undefined
  try {
    const { size } = fstatSync(fd)
    if (size > INDEX_MAX) return undefined
    const bytes = Buffer.allocUnsafe(size)
    return readSync(fd, bytes, 0, size, 0) === size ? bytes : undefined
  } finally {
    closeSync(fd)
  }
}
