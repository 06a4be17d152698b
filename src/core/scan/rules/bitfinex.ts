/** Bitfinex: Key and secret of 43 base64url characters; older ones in hex. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'bitfinex-api-secret',
    title: 'Bitfinex API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key and secret of 43 base64url characters; older ones in hex.',
    named: [
      { names: ['bitfinex', 'bfx'], pattern: '[A-Za-z0-9_-]{43}', role: 'id' },
      { names: ['bitfinex', 'bfx'], pattern: '[A-Za-z0-9_-]{43}', role: 'secret' },
    ],
  },
]
