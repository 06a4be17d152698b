/** Gate: API v4: key of 32 and secret of 64 hex digits. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'gate-api-secret',
    title: 'Gate API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'API v4: key of 32 and secret of 64 hex digits.',
    named: [
      { names: ['gateio', 'gate', 'gateapi'], pattern: '[0-9a-f]{32}', role: 'id' },
      { names: ['gateio', 'gate', 'gateapi'], pattern: '[0-9a-f]{64}', role: 'secret' },
    ],
  },
]
