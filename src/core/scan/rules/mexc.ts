/** MEXC: key `mx0` and some thirty letters and digits, secret 32 hex digits. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'mexc-api-secret',
    title: 'MEXC API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key begins with mx0; secret of 32 hex digits (observed, low confidence: needs name or venue).',
    named: [
      { names: ['mexc'], pattern: 'mx0[A-Za-z0-9]{15,31}', role: 'id' },
      { names: ['mexc'], pattern: '[0-9a-f]{32}', role: 'secret' },
    ],
  },
]
