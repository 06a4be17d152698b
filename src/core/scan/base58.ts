/** Base58check: the checksum that Bitcoin keys carry. A random string of the right length passes once in four billion. */
import { sha256 } from './lazy-crypto.ts'
import { ALPHABETS } from './sample.ts'

/** Decodes base58; undefined for a foreign character. */
export function decodeBase58(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  for (const char of text) {
    let carry = ALPHABETS.base58.indexOf(char)
    if (carry < 0) return undefined
    for (let i = 0; i < bytes.length; i++) {
      carry += (bytes[i] ?? 0) * 58
      bytes[i] = carry & 0xff
      carry >>= 8
    }
    while (carry > 0) {
      bytes.push(carry & 0xff)
      carry >>= 8
    }
  }
  for (const char of text) {
    if (char !== '1') break
    bytes.push(0)
  }
  return Uint8Array.from(bytes.reverse())
}

export function encodeBase58(bytes: Uint8Array): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
  let out = ''
  while (value > 0n) {
    out = (ALPHABETS.base58[Number(value % 58n)] ?? '') + out
    value /= 58n
  }
  for (const byte of bytes) {
    if (byte !== 0) break
    out = `1${out}`
  }
  return out
}

function checksum(payload: Uint8Array): Uint8Array {
  const once = sha256().update(payload).digest()
  return sha256().update(once).digest().subarray(0, 4)
}

/** The payload when the last four bytes are its checksum. */
export function base58check(text: string): Uint8Array | undefined {
  const bytes = decodeBase58(text)
  if (bytes === undefined || bytes.length < 5) return undefined
  const payload = bytes.subarray(0, -4)
  return Buffer.from(checksum(payload)).equals(bytes.subarray(-4)) ? payload : undefined
}

/** Text for `payload` with its checksum appended. */
export function toBase58check(payload: Uint8Array): string {
  return encodeBase58(Buffer.concat([payload, checksum(payload)]))
}

/** A Bitcoin private key in wallet import format (main net, compressed or not). */
export function isWif(text: string): boolean {
  if (!/^(?:5[1-9A-HJ-NP-Za-km-z]{50}|[KL][1-9A-HJ-NP-Za-km-z]{51})$/.test(text)) return false
  const payload = base58check(text)
  return payload !== undefined && payload[0] === 0x80 && (payload.length === 33 || payload.length === 34)
}
