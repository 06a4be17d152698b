/** Coinbase: CDP keys (PEM or Ed25519 in base64) and the legacy key, secret and passphrase. */
import type { Rule } from '../rule.ts'

const NAMES = ['coinbase', 'gdax', 'cbpro', 'cdp']

export const rules: readonly Rule[] = [
  {
    id: 'coinbase-api-secret',
    title: 'Coinbase API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'CDP secrets are EC key files or 64 bytes in base64; legacy secrets 32 letters and digits or 88 base64 characters.',
    named: [
      { names: NAMES, pattern: '[A-Za-z0-9]{16}', role: 'id' },
      { names: NAMES, pattern: '[0-9a-f]{32}', role: 'id' },
      { names: NAMES, pattern: '[A-Za-z0-9]{32}', role: 'secret' },
      { names: NAMES, pattern: '[A-Za-z0-9+/]{86}==', role: 'secret' },
      { names: NAMES, pattern: '[A-Za-z0-9_-]{64}', tier: 'likely' },
    ],
  },
]
