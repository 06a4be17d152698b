/** Deribit: Short client id of eight characters and a secret of 43 base64url characters (32 bytes). */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'deribit-api-secret',
    title: 'Deribit API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Short client id of eight characters and a secret of 43 base64url characters (32 bytes).',
    named: [
      { names: ['deribit'], pattern: '[A-Za-z0-9_-]{8}', role: 'id' },
      { names: ['deribit'], pattern: '[A-Za-z0-9_-]{43}', role: 'secret' },
    ],
  },
]
