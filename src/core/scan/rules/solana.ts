/** Solana: 64-byte keypairs as 87 or 88 base58 characters, or as a JSON array of 64 numbers. */
import { decodeBase58, encodeBase58 } from '../base58.ts'
import type { Place, Rule } from '../rule.ts'

const NUMBERS = /^\[\s*(?:\d{1,3}\s*,\s*){63}\d{1,3}\s*\]/

function keypairArray({ buf, at, end, hit }: Place): void {
  if (buf[at] !== 0x5b) return
  const text = buf.toString('latin1', at, Math.min(end, at + 700))
  const match = NUMBERS.exec(text)
  if (match === null) return
  const numbers = match[0].slice(1, -1).split(',').map(Number)
  if (numbers.some((number) => number > 255) || new Set(numbers).size < 40) return
  hit({ start: at, end: at + match[0].length, tier: 'likely', reason: 'array of exactly 64 bytes' })
}

export const rules: readonly Rule[] = [
  {
    id: 'solana-private-key',
    title: 'Solana private key',
    family: 'wallet',
    severity: 'critical',
    doc: '64 bytes in base58 beside a name that says key or secret.',
    named: [
      {
        names: ['solana', 'sol', 'phantom', 'private', 'secret', 'keypair', 'privatekey', 'wallet', 'payer'],
        pattern: '[1-9A-HJ-NP-Za-km-z]{87,88}',
        with: ['key', 'priv', 'secret', 'wallet', 'payer', 'solana'],
      },
    ],
    cases: {
      found: (s) => {
        let key = encodeBase58(s.bytes(64))
        while (key.length < 87 || decodeBase58(key)?.length !== 64) key = encodeBase58(s.bytes(64))
        return [{ text: `SOLANA_PRIVATE_KEY=${key}`, tier: 'likely' }]
      },
    },
  },
  {
    id: 'solana-keypair-file',
    title: 'Solana keypair file',
    family: 'wallet',
    severity: 'critical',
    doc: 'The file solana-keygen writes: a JSON array of exactly 64 numbers from 0 to 255.',
    detect: { needle: '', begins: '[', at: keypairArray },
    cases: {
      found: (s) => [{ text: `[${[...s.bytes(64)].join(',')}]`, tier: 'likely' }],
      clean: (s) => [`[${[...s.bytes(63)].join(',')}]`, `[${[...s.bytes(65)].join(',')}]`],
    },
  },
]
