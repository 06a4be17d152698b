/** BitMEX: Key of 24 and secret of 48 base64url characters. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'bitmex-api-secret',
    title: 'BitMEX API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key of 24 and secret of 48 base64url characters.',
    named: [
      { names: ['bitmex'], pattern: '[A-Za-z0-9_-]{24}', role: 'id' },
      { names: ['bitmex'], pattern: '[A-Za-z0-9_-]{48}', role: 'secret' },
    ],
  },
]
