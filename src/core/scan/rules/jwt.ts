/** JSON Web Tokens: the header is decoded, so that three dotted words are not taken for one. */
import type { Rule, Tier } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

/** Members of a header (RFC 7515, section 4.1), one of which every token has. */
const HEADER = ['alg', 'typ', 'enc', 'kid', 'cty', 'crit', 'jku', 'jwk', 'x5t', 'x5u']

function judge(token: string): Tier | 'no' {
  const [head = '', body = ''] = token.split('.')
  const header = parse(head)
  if (header === undefined || !HEADER.some((key) => key in header)) return 'no'
  const claims = parse(body)
  if (claims === undefined) return 'enc' in header ? 'likely' : 'no'
  // The token of the jwt.io front page stands in thousands of documents.
  if (claims['name'] === 'John Doe' || claims['sub'] === '1234567890') return 'review'
  if (claims['role'] === 'anon') return 'review'
  return 'likely'
}

function parse(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function token(s: Sampler): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: 'https://issuer.example', jti: s.chars(12, ALPHABETS.hex), exp: 1_900_000_000 }
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${s.chars(43, ALPHABETS.base64url)}`
}

export const rules: readonly Rule[] = [
  {
    id: 'jwt',
    title: 'JSON Web Token',
    family: 'identity',
    severity: 'high',
    doc: 'A signed token that may still be valid. Its header is decoded; the sample of jwt.io and public anon roles are for review.',
    tokens: [
      {
        pattern: 'eyJ[A-Za-z0-9_=-]{10,1500}\\.[A-Za-z0-9_=-]{10,3000}\\.[A-Za-z0-9_/+=-]{16,800}',
        check: judge,
        sample: token,
      },
    ],
    cases: {
      found: (s) => [{ text: `session = '${token(s)}'`, tier: 'likely' }],
      clean: (s) => [
        `eyJ${s.chars(20, ALPHABETS.alnum)}.${s.chars(20, ALPHABETS.alnum)}.${s.chars(20, ALPHABETS.alnum)}`,
      ],
    },
  },
]
