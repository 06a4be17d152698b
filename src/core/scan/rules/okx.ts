/** OKX: Key is a UUID, secret 32 capital hex digits, plus a passphrase the user chose (OKX API guide, REST authentication). */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'okx-api-secret',
    title: 'OKX API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key is a UUID, secret 32 capital hex digits, plus a passphrase the user chose (OKX API guide, REST authentication).',
    named: [
      {
        names: ['okx', 'okex', 'okcoin'],
        pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
        role: 'id',
      },
      { names: ['okx', 'okex', 'okcoin'], pattern: '[0-9A-F]{32}', role: 'secret' },
    ],
  },
]
