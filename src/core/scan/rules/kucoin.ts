/** KuCoin: Key of 24 hex digits, secret a UUID, plus a passphrase. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'kucoin-api-secret',
    title: 'KuCoin API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key of 24 hex digits, secret a UUID, plus a passphrase.',
    named: [
      { names: ['kucoin'], pattern: '[0-9a-f]{24}', role: 'id' },
      { names: ['kucoin'], pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', role: 'secret' },
    ],
  },
]
