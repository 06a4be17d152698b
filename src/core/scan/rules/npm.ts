/** npm tokens: CRC32 inside the new format, UUIDs in .npmrc in the old one. */
import { crc62, hasCrc62 } from '../checksum.ts'
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

export const rules: readonly Rule[] = [
  {
    id: 'npm-token',
    title: 'npm access token',
    family: 'code',
    severity: 'critical',
    doc: 'npm_ and 36 characters whose last six are a CRC32. Publishes packages in the name of its owner.',
    tokens: [
      {
        pattern: 'npm_[A-Za-z0-9]{36}',
        check: (token) => (hasCrc62(token, 'npm_') ? 'confirmed' : 'likely'),
        sample: (s) => {
          const body = s.chars(30, ALPHABETS.alnum)
          return `npm_${body}${crc62(body)}`
        },
      },
    ],
  },
  {
    id: 'npmrc-auth',
    title: 'Credential in .npmrc',
    family: 'code',
    severity: 'critical',
    doc: '_authToken, _auth and _password of an .npmrc file.',
    named: [
      {
        names: ['auth', 'authtoken', 'npm'],
        pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
        with: ['auth', 'token'],
      },
      { names: ['auth'], pattern: '[A-Za-z0-9+/]{20,200}={0,2}', with: ['token'] },
    ],
    cases: {
      found: (s) => [
        { text: `//registry.npmjs.org/:_authToken=${s.uuid()}`, tier: 'likely' },
        { text: `//npm.pkg.example/:_authToken="${s.chars(40, ALPHABETS.alnum)}"`, tier: 'likely' },
      ],
      clean: () => ['//registry.npmjs.org/:_authToken=$' + '{NPM_TOKEN}'],
    },
  },
]
