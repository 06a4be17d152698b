/** Bybit: Key of 18 and secret of 36 letters and digits, also all in capitals (official SDK and documentation samples). Whoever holds both can trade and, with the right scope, withdraw. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'bybit-api-secret',
    title: 'Bybit API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key of 18 and secret of 36 letters and digits, also all in capitals (official SDK and documentation samples). Whoever holds both can trade and, with the right scope, withdraw.',
    named: [
      { names: ['bybit', 'bytick', 'bapi', 'pybit'], pattern: '[A-Za-z0-9]{18}', role: 'id' },
      { names: ['bybit', 'bytick', 'bapi', 'pybit'], pattern: '[A-Za-z0-9]{36}', role: 'secret' },
    ],
  },
]
