/** GitHub tokens, with the CRC32 that GitHub appends since 2021. */
import { crc62, hasCrc62 } from '../checksum.ts'
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

export const rules: readonly Rule[] = [
  {
    id: 'github-token',
    title: 'GitHub token',
    family: 'code',
    severity: 'critical',
    doc: 'ghp_, gho_, ghu_, ghs_, ghr_ and 36 characters whose last six are a CRC32: a token that fits was really issued.',
    tokens: [
      {
        pattern: 'gh[opsur]_[A-Za-z0-9]{36}',
        check: (token) => (hasCrc62(token, token.slice(0, 4)) ? 'confirmed' : 'likely'),
        sample: (s) => {
          const body = s.chars(30, ALPHABETS.alnum)
          return `gh${s.pick(['o', 'p', 's', 'u', 'r'])}_${body}${crc62(body)}`
        },
      },
      { pattern: 'gh[opsur]_[A-Za-z0-9]{37,255}' },
      { pattern: 'ghs_[A-Za-z0-9]{4,40}_eyJ[A-Za-z0-9_.-]{60,600}' },
    ],
    cases: {
      clean: (s) => [
        `ghp_${s.chars(20, ALPHABETS.alnum)}`,
        `ghp_${'x'.repeat(36)}`,
        `ghx_${s.chars(16, ALPHABETS.alnum)}`,
      ],
    },
  },
  {
    id: 'github-fine-grained-token',
    title: 'GitHub fine-grained token',
    family: 'code',
    severity: 'critical',
    doc: 'github_pat_, 22 characters, an underscore and 59 characters.',
    tokens: [{ pattern: 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}' }, { pattern: 'github_pat_[A-Za-z0-9_]{82}' }],
  },
  {
    id: 'github-legacy-secret',
    title: 'GitHub token or OAuth secret (old format)',
    family: 'code',
    severity: 'high',
    doc: '40 hex digits beside a GitHub name that says token or secret.',
    named: [
      {
        names: ['github', 'gh'],
        pattern: '[0-9a-f]{40}',
        with: ['token', 'secret', 'pat', 'password', 'key', 'oauth', 'auth'],
      },
    ],
  },
]
