/**
 * node:crypto, loaded when the first hash is needed: it is a tenth of the start-up time, and a clean commit needs no hash at all.
 */
import type { BinaryLike, Hash, Hmac } from 'node:crypto'

export function sha256(): Hash {
  return process.getBuiltinModule('node:crypto').createHash('sha256')
}

/** Of an object id of `width` bytes: the hash that a repository of such ids sums its files with. */
export function hashOfIds(width: number): Hash {
  return process.getBuiltinModule('node:crypto').createHash(width === 20 ? 'sha1' : 'sha256')
}

export function hmacSha256(key: BinaryLike): Hmac {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', key)
}

export function randomHex(bytes: number): string {
  return process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex')
}
