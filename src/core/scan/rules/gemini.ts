/** Gemini: key `account-` or `master-` and 20 characters, secret of 27 or 28. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'gemini-api-secret',
    title: 'Gemini API secret',
    family: 'exchange',
    severity: 'critical',
    doc: 'Key account-… or master-… with 20 characters, secret of 27 to 28 letters and digits.',
    named: [
      { names: ['gemini'], pattern: '(?:account|master)-[A-Za-z0-9]{20}', role: 'id' },
      { names: ['gemini'], pattern: '[A-Za-z0-9]{27,28}', role: 'secret' },
    ],
  },
]
