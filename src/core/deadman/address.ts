/** Where guard and bot meet, as operators write it: a path on this host, or HOST:PORT with a key file. */
import { readFileSync, statSync } from 'node:fs'
import { fail } from '../errors.ts'

export type GuardAddress =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number; readonly key: Buffer }

const KEY_BYTES_MIN = 16

/** Anything with a slash is a path. HOST:PORT needs a key. */
export function guardAddress(text: string, keyFile: string): GuardAddress {
  if (text.includes('/')) return { kind: 'local', path: text }
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3] ?? 0)
  if (match === null || port > 65_535) fail('GUARD_ADDRESS', { text })
  if (keyFile === '') fail('GUARD_KEY', { file: 'none given', what: 'HOST:PORT needs a key file on both sides' })
  return { kind: 'udp', host: match[1] ?? match[2] ?? '', port, key: readKey(keyFile) }
}

function readKey(file: string): Buffer {
  const bad = (what: string): never => fail('GUARD_KEY', { file, what })
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile()) return bad('not a file')
  if ((stat.mode & 0o077) !== 0) bad(`mode ${(stat.mode & 0o777).toString(8)}: others may read it`)
  const key = readFileSync(file)
  return key.length >= KEY_BYTES_MIN ? key : bad(`shorter than ${KEY_BYTES_MIN} bytes`)
}
