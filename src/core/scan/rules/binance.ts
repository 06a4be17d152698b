/** Binance: Key and secret of 64 letters and digits each; newer keys are Ed25519 or RSA key files (private-key rule). */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'binance-api-secret',
    title: 'Binance API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key and secret of 64 letters and digits each; newer keys are Ed25519 or RSA key files (private-key rule).',
    named: [
      { names: ['binance', 'binanceus', 'mbx', 'tokocrypto'], pattern: '[A-Za-z0-9]{64}', role: 'id' },
      { names: ['binance', 'binanceus', 'mbx', 'tokocrypto'], pattern: '[A-Za-z0-9]{64}', role: 'secret' },
    ],
  },
]
