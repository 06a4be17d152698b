/** CRC32 in base62, as GitHub and npm append it to their tokens: a token that fits was issued, not typed. */

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** CRC-32 (IEEE) of Latin-1 text. */
export function crc32(text: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i) & 0xff
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** Six base62 digits of the CRC of `body`. */
export function crc62(body: string): string {
  let value = crc32(body)
  let out = ''
  while (out.length < 6) {
    out = (BASE62[value % 62] ?? '') + out
    value = Math.floor(value / 62)
  }
  return out
}

/** True when the last six characters after `prefix` are the CRC of those between. */
export function hasCrc62(token: string, prefix: string): boolean {
  const body = token.slice(prefix.length, -6)
  return token.startsWith(prefix) && crc62(body) === token.slice(-6)
}
