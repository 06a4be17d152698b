/** Bitget: key `bg_` and 32 hex digits, secret 64 hex digits, plus a passphrase. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'bitget-api-secret',
    title: 'Bitget API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key of bg_ and 32 hex digits, secret of 64 hex digits (observed in public bots).',
    named: [
      { names: ['bitget', 'bg'], pattern: 'bg_[0-9a-f]{32}', role: 'id' },
      { names: ['bitget', 'bg'], pattern: '[0-9a-f]{64}', role: 'secret' },
    ],
  },
  {
    id: 'bitget-api-key',
    title: 'Bitget API key',
    family: 'exchange',
    severity: 'medium',
    doc: 'The public half; its secret and passphrase make it dangerous.',
    tokens: [{ pattern: 'bg_[0-9a-f]{32}', tier: 'review' }],
  },
]
