/** Tokens of providers nobody listed: their own beginning says that they are keys. Judged in `scan/self-named.ts`. */
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

const BEGINNINGS = [
  'acme_api_',
  'sk-',
  'rk_prod_',
  'retail_live_sk_',
  'token-',
  'svc_secret_',
  'ACMEAPI_KEY-',
  'pat-eu1-',
]

export const rules: readonly Rule[] = [
  {
    id: 'self-named-token',
    title: 'Token that names itself a key',
    family: 'generic',
    severity: 'high',
    doc: 'Words such as sk, api, key, token, secret or live, joined by dashes or underscores, and twenty or more random characters.',
    cases: {
      found: (s) =>
        BEGINNINGS.flatMap((beginning) => [
          { text: `client.login("${beginning}${s.chars(30, ALPHABETS.alnum)}")`, tier: 'likely' as const },
          { text: `${beginning}${s.chars(40, ALPHABETS.alnum)}\n`, tier: 'likely' as const },
        ]),
      clean: (s) => [
        `<script src="/assets/api-${s.chars(24, ALPHABETS.alnum)}.js"></script>`,
        `cache-key-${s.chars(40, ALPHABETS.hex)}`,
        `pk_live_${s.chars(24, ALPHABETS.alnum)}`,
        `"requestId": "api_${s.chars(24, ALPHABETS.alnum)}"`,
        `api-gateway-deployment-with-a-long-name-1`,
        `auth-service-${s.chars(10, ALPHABETS.hex)}-${s.chars(5, ALPHABETS.lower)}`,
      ],
    },
  },
]
