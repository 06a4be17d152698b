/**
 * The baseline: findings known when it was written. One keyed hash a line, sorted; no dates, no positions, so that it neither
 * churns nor breaks when lines move, and a new secret on an old line is still new.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { fail } from '../errors.ts'
import { readText } from './exceptions-file.ts'
import { reason } from './file-scan.ts'
import { randomHex } from './lazy-crypto.ts'

export const BASELINE_FILE = '.mm-secrets-baseline'
const HEAD = '# mm scan-secrets baseline v1, salt '

export interface Baseline {
  readonly salt: string
  readonly fingerprints: ReadonlySet<string>
}

export type BaselineAnswer = { readonly baseline: Baseline } | { readonly problem: string } | { readonly absent: true }

export function readBaseline(path: string): BaselineAnswer {
  const answer = readText(path)
  if (!('text' in answer)) return answer
  // Whoever checks files out with CRLF has it here, too.
  const [head = '', ...rest] = answer.text.split(/\r?\n/)
  const salt = head.startsWith(HEAD) ? head.slice(HEAD.length).trim() : ''
  if (!/^[0-9a-f]{32}$/.test(salt)) return { problem: 'malformed: the first line must carry the salt' }
  const lines = rest.filter((line) => line !== '')
  const bad = lines.findIndex((line) => !/^[0-9a-f]{32}$/.test(line))
  if (bad >= 0) return { problem: `malformed: line ${bad + 2} is no fingerprint` }
  return { baseline: { salt, fingerprints: new Set(lines) } }
}

export function newSalt(): string {
  return randomHex(16)
}

/**
 * Writes the fingerprints sorted and once each: the same findings give the same file. It is moved into place, so that nobody
 * reads half of it and a link is replaced, not followed.
 */
export function writeBaseline(path: string, { salt, fingerprints }: Baseline): void {
  const lines = [...fingerprints].sort().map((line) => `${line}\n`)
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, `${HEAD}${salt}\n${lines.join('')}`, { flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    fail('SCAN_BASELINE', { path, reason: reason(error) })
  }
}
