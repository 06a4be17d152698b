/** Seed phrases: found by `scan/seed-phrase.ts`; here are their documentation and cases. */
import { mnemonicOf } from '../seed-phrase.ts'
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'bip39-seed-phrase',
    title: 'Wallet seed phrase (BIP-39)',
    family: 'wallet',
    severity: 'critical',
    doc: 'Exactly 12, 15, 18, 21 or 24 words of the English list, nearly all different, with a fitting checksum, in a line, a list, a table or joined strings.',
    cases: {
      found: (s) => [
        ...[16, 20, 24, 28, 32].map((n) => ({ text: `seed: ${mnemonicOf(s.bytes(n))}\n`, tier: 'confirmed' as const })),
        { text: JSON.stringify(mnemonicOf(s.bytes(16)).split(' ')), tier: 'confirmed' },
        { text: `${mnemonicOf(s.bytes(32))}\n`, tier: 'confirmed' },
        { text: `${mnemonicOf(s.bytes(16)).replaceAll(' ', '\n')}\n`, tier: 'confirmed' },
        { text: `about\n${mnemonicOf(s.bytes(16))}\nabout the wallet\n`, tier: 'confirmed' },
        { text: `1. ${mnemonicOf(s.bytes(16)).split(' ').join('\n2. ')}\n`, tier: 'confirmed' },
        { text: `words:\n  - ${mnemonicOf(s.bytes(32)).toUpperCase().replaceAll(' ', '\n  - ')}\n`, tier: 'confirmed' },
        { text: JSON.stringify({ seed: JSON.stringify(mnemonicOf(s.bytes(16)).split(' ')) }), tier: 'confirmed' },
      ],
      clean: (s) => [
        mnemonicOf(s.bytes(16)).split(' ').slice(0, 11).join(' '),
        `${mnemonicOf(s.bytes(16))} ${mnemonicOf(s.bytes(16)).split(' ')[0] ?? ''}`,
        'the quick brown fox jumps over the lazy dog while seven other animals watch from the hill',
      ],
    },
  },
]
