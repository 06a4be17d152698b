/** Kraken: Key of 56 and private key of 88 base64 characters (64 bytes); futures keys have the same shapes. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'kraken-api-secret',
    title: 'Kraken API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key of 56 and private key of 88 base64 characters (64 bytes); futures keys have the same shapes.',
    named: [
      { names: ['kraken', 'krakenfutures'], pattern: '[A-Za-z0-9+/]{56}', role: 'id' },
      { names: ['kraken', 'krakenfutures'], pattern: '[A-Za-z0-9+/]{86}==', role: 'secret' },
      { names: ['kraken', 'krakenfutures'], pattern: '[A-Za-z0-9+/=_-]{80,90}', role: 'secret' },
    ],
  },
]
