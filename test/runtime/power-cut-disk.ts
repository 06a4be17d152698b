/**
 * A disk that loses power: only what was synced is certain; of the rest any subset of 512-byte sectors survives, and a
 * file whose folder was not synced may be gone. Also a disk that is full or fails on demand.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Prng } from '../../src/core/domain/prng.ts'
import type { Disk } from '../../src/core/runtime/disk.ts'

const SECTOR = 512

interface File {
  readonly path: string
  now: Buffer
  durable: Buffer
  isEntryDurable: boolean
}

export class PowerCutDisk implements Disk {
  readonly files: File[] = []
  /** Bytes that may still be written; then ENOSPC. */
  capacity = Number.POSITIVE_INFINITY
  failSync = false
  syncs = 0

  create(path: string): number {
    if (this.files.some((file) => file.path === path)) throw new Error('EEXIST')
    return this.files.push({ path, now: Buffer.alloc(0), durable: Buffer.alloc(0), isEntryDurable: false }) - 1
  }

  write(fd: number, parts: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(parts)
    this.capacity -= bytes.length
    if (this.capacity < 0) throw new Error('ENOSPC: no space left on device, write')
    const file = this.at(fd)
    if (file.now.length < position + bytes.length) {
      file.now = Buffer.concat([file.now, Buffer.alloc(position + bytes.length - file.now.length)])
    }
    bytes.copy(file.now, position)
  }

  sync(fd: number): void {
    if (this.failSync) throw new Error('EIO: i/o error, fdatasync')
    this.syncs++
    const file = this.at(fd)
    file.durable = Buffer.from(file.now)
  }

  truncate(fd: number, bytes: number): void {
    const file = this.at(fd)
    file.now = Buffer.from(file.now.subarray(0, bytes))
  }

  close(): void {
    // Nothing to give back.
  }

  syncFolder(): void {
    for (const file of this.files) file.isEntryDurable = true
  }

  /** What a restart finds, as files in `dir`. */
  cutPower(random: Prng, dir: string): void {
    mkdirSync(dir, { recursive: true })
    for (const file of this.files) {
      if (!file.isEntryDurable && random.chance(0.5)) continue
      writeFileSync(join(dir, basename(file.path)), survivor(file, random))
    }
  }

  private at(fd: number): File {
    const file = this.files[fd]
    if (file === undefined) throw new Error('EBADF')
    return file
  }
}

function survivor({ now, durable }: File, random: Prng): Buffer {
  const length = random.chance(0.5) ? now.length : random.int(Math.min(durable.length, now.length), now.length)
  const out = Buffer.alloc(length)
  durable.copy(out, 0, 0, Math.min(durable.length, length))
  for (let at = 0; at < length; at += SECTOR) {
    const end = Math.min(at + SECTOR, length)
    if (random.chance(0.6)) now.copy(out, at, at, end)
  }
  return out
}
