/**
 * Remembers which blobs of a repository were found clean, so that a history is read once. Only clean ids are stored; a change
 * of the rules voids the file; a damaged file is rebuilt, never believed.
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import { codeOf } from './file-scan.ts'
import { sha256 } from './lazy-crypto.ts'

const MAGIC = 'mm-scan-cache 2'

export function cachePath(gitDir: string): string {
  return join(gitDir, 'mm', 'scan-cache')
}

/** Whether there is one at all; it may still be of other rules. */
export function hasCache(gitDir: string): boolean {
  return existsSync(cachePath(gitDir))
}

/** Changes with the rules and with every file of the scanner: what an older one found clean is read again. */
export function cacheKey(rulesDigest: string): string {
  const hash = sha256().update(rulesDigest)
  if (import.meta.url.endsWith('.cjs')) {
    const bundle = readFileSync(new URL(import.meta.url))
    return hash.update(bundle).digest('hex').slice(0, 32)
  }
  // A build has no rule folder: the rules stand in the bundle beside us.
  for (const folder of [new URL('./', import.meta.url), new URL('./rules/', import.meta.url)].filter((url) =>
    existsSync(url),
  )) {
    for (const name of readdirSync(folder).sort())
      if (/\.[jt]s$/.test(name)) hash.update(readFileSync(new URL(name, folder)))
  }
  return hash.digest('hex').slice(0, 32)
}

/**
 * Clean object ids under this rule digest; empty when there is no usable cache. True for what is clean at any path, false for
 * what was read as program code only, where a bare word is no value.
 */
export function readCache(gitDir: string, digest: string): Map<string, boolean> {
  let bytes: Buffer
  try {
    const path = cachePath(gitDir)
    // A pipe there would be waited for.
    if (!statSync(path).isFile()) return new Map()
    bytes = readFileSync(path)
  } catch (error) {
    // Whatever is in its place: without it the scan takes longer and finds the same.
    if (codeOf(error) === '') throw error
    return new Map()
  }
  const newline = bytes.indexOf(0x0a)
  const [magic, rules, sum, width, asCode] = bytes.toString('latin1', 0, Math.max(0, newline)).split('\t')
  const body = bytes.subarray(newline + 1)
  const size = Number(width)
  if (magic !== MAGIC || rules !== digest || sum !== sumOf(body) || !(size === 20 || size === 32)) return new Map()
  const out = new Map<string, boolean>()
  const split = Number(asCode) * size
  for (let at = 0; at + size <= body.length; at += size) out.set(body.toString('hex', at, at + size), at >= split)
  return out
}

/** Ids of clean blobs, `width` bytes each. */
export interface CleanIds {
  readonly width: number
  readonly asCode: Buffer
  readonly anywhere: Buffer
}

/** Writes the cache beside and moves it into place. Where none can be written there is none. */
export function writeCache(gitDir: string, digest: string, { width, asCode, anywhere }: CleanIds): void {
  const body = Buffer.concat([asCode, anywhere])
  const path = cachePath(gitDir)
  const temporary = `${path}.${process.pid}`
  try {
    makeFolder(dirname(path))
    writeFileSync(
      temporary,
      Buffer.concat([Buffer.from(`${[MAGIC, digest, sumOf(body), width, asCode.length / width].join('\t')}\n`), body]),
      { mode: 0o600 },
    )
    renameSync(temporary, path)
  } catch (error) {
    if (codeOf(error) === '') throw error
  }
}

function sumOf(body: Buffer): string {
  return sha256().update(body).digest('hex').slice(0, 32)
}
