/**
 * Secrets nobody's shape describes: the name says what it is, the value looks like it. Judged in `scan/judge.ts`;
 * here are documentation and cases in every syntax the tokenizer reads.
 */
import type { Rule } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

function password(s: Sampler): string {
  return `${s.chars(3, ALPHABETS.upper)}${s.chars(5, ALPHABETS.lower)}${s.chars(3, ALPHABETS.digit)}!${s.chars(2, ALPHABETS.lower)}`
}

/** One value in the assignment syntaxes of languages and formats. */
export function assignments(name: { snake: string; camel: string; env: string }, value: string): string[] {
  const { snake, camel, env } = name
  return [
    `${env}=${value}`,
    `export ${env}="${value}"`,
    `${snake} = '${value}'`,
    `${snake}: ${value}`,
    `${snake}: "${value}"`,
    `{"${snake}": "${value}"}`,
    `{\\"${snake}\\":\\"${value}\\"}`,
    `<${camel}>${value}</${camel}>`,
    `<add key="${camel}" value="${value}"/>`,
    `const ${camel} = '${value}'`,
    `const ${camel}: string = "${value}";`,
    `var ${camel} string = "${value}"`,
    `${camel} := "${value}"`,
    `private static final String ${env} = "${value}";`,
    `string ${camel} = @"${value}";`,
    `$${snake} = '${value}';`,
    `'${snake}' => '${value}',`,
    `:${snake} => "${value}"`,
    `config["${snake}"] = "${value}"`,
    `client = Client(${snake}="${value}")`,
    `config.put("${snake}", "${value}");`,
    `define('${env}', '${value}');`,
    `- name: ${env}\n  value: ${value}\n`,
    `tool --${snake.replaceAll('_', '-')} ${value}`,
    `tool --${snake.replaceAll('_', '-')}=${value}`,
    `ENV ${env}=${value}`,
    `"name": "${env}",\n  "value": "${value}"`,
  ]
}

/** Names of services beside a key, values of two parts, names without an operator. */
function services(s: Sampler): string[] {
  const hex = s.chars(32, ALPHABETS.hex)
  return [
    `GITEA_KEY=${s.chars(40, ALPHABETS.hex)}`,
    `UPLOADCAREKEY="${hex}"`,
    `diffbot key = ${hex}`,
    `GREYNOISE=${s.chars(31, ALPHABETS.alnum)}7`,
    `SHODAN='${hex}'`,
    `Vultr API Key ${s.chars(36, ALPHABETS.upper)}`,
    `LIVEKIT_API_KEY=APIx${s.chars(8, ALPHABETS.alnum)}7Kz`,
    `<machineKey validationKey="${s.chars(128, ALPHABETS.HEX)}" />`,
    `ghost_key = "${s.chars(24, ALPHABETS.hex)}:${s.chars(64, ALPHABETS.hex)}"`,
    `DEPLOY_KEY=prod:my-project|${s.chars(40, ALPHABETS.alnum)}`,
    `"api_key": "ab=${s.chars(30, ALPHABETS.alnum)}-${s.chars(8, ALPHABETS.alnum)}"`,
    `secret_id = "${s.uuid()}"`,
    `HUAWEI_CLOUD_SK=${s.chars(40, ALPHABETS.alnum)}`,
    `deezer_key: ${hex}`,
  ]
}

export const rules: readonly Rule[] = [
  {
    id: 'generic-secret',
    title: 'Secret or token with a telling name',
    family: 'generic',
    severity: 'high',
    doc: 'A value that looks drawn at random, assigned to a name ending in secret, token, credential and the like.',
    cases: {
      found: (s) => {
        const value = s.chars(32, ALPHABETS.alnum)
        const name = { snake: 'payments_client_secret', camel: 'paymentsClientSecret', env: 'PAYMENTS_CLIENT_SECRET' }
        return assignments(name, value).map((text) => ({ text, tier: 'likely' as const }))
      },
      clean: (s) => [
        `client_secret = os.environ["CLIENT_SECRET"]`,
        '- Bearer https://tools.ietf.org/html/rfc6750',
        `clientSecret: process.env.CLIENT_SECRET,`,
        `client_secret: \${CLIENT_SECRET}`,
        `secret: "{{ .Values.secret }}"`,
        `SECRET=your-secret-goes-here`,
        `token = "xxxxxxxxxxxxxxxxxxxxxxxx"`,
        `secretName: ${s.chars(24, ALPHABETS.lower)}`,
        `tokenHash: "${s.chars(64, ALPHABETS.hex)}"`,
        `nextPageToken = getNextPageToken(response)`,
      ],
    },
  },
  {
    id: 'generic-api-key',
    title: 'API or encryption key with a telling name',
    family: 'generic',
    severity: 'high',
    doc: 'A value that looks drawn at random, assigned to an API, access, private, signing or encryption key.',
    cases: {
      found: (s) => {
        const name = { snake: 'weather_api_key', camel: 'weatherApiKey', env: 'WEATHER_API_KEY' }
        const values = [s.chars(32, ALPHABETS.hex), s.chars(18, ALPHABETS.upper), s.chars(24, ALPHABETS.alnum)]
        return [
          ...values.flatMap((value) => assignments(name, value).map((text) => ({ text, tier: 'likely' as const }))),
          ...services(s).map((text) => ({ text, tier: 'likely' as const })),
        ]
      },
      clean: (s) => [
        `publicKey = "${s.chars(44, ALPHABETS.alnum)}"`,
        `['gss_krb5_lucid_key', 'gss_krb5_rfc1964_keydata', 'gss_krb5_prf']`,
        `primary_key: ${s.chars(32, ALPHABETS.hex)}`,
        `cache-key: node-${s.chars(40, ALPHABETS.hex)}`,
        `keyId: "${s.chars(24, ALPHABETS.alnum)}"`,
        `  Stripe: ${s.chars(40, ALPHABETS.hex)}`,
        `stripe = ${s.chars(40, ALPHABETS.hex)}`,
        `DATADOG=https://datadog.internal.net/${s.chars(12, ALPHABETS.hex)}`,
        `cache_row_key = "${s.chars(40, ALPHABETS.hex)}"`,
        `gpg --recv-keys ${s.chars(40, ALPHABETS.HEX)}`,
        `image_key = sha256:${s.chars(64, ALPHABETS.hex)}`,
        `commit_sha = "main:${s.chars(40, ALPHABETS.hex)}"`,
        `[JSON Web Key]: https://host.net/${s.chars(12, ALPHABETS.alnum)}`,
        `apiKey: "YOUR_API_KEY_HERE"`,
        `api_key = config.get('api_key')`,
        `"integrity": "sha512-${s.chars(86, ALPHABETS.base64)}=="`,
        `commit ${s.chars(40, ALPHABETS.hex)}`,
      ],
    },
  },
  {
    id: 'generic-password',
    title: 'Password in clear',
    family: 'generic',
    severity: 'high',
    doc: 'A literal assigned to a name ending in password, passwd, pwd or passphrase. Plain words are for review only.',
    cases: {
      found: (s) => {
        const name = { snake: 'db_password', camel: 'dbPassword', env: 'DB_PASSWORD' }
        const wanted = assignments(name, password(s)).map((text) => ({ text, tier: 'likely' as const }))
        return [
          ...wanted,
          { text: `machine host.example.org login bot password ${s.chars(14, ALPHABETS.alnum)}7q`, tier: 'likely' },
          { text: `Server=db;User Id=app;Password=${password(s)};Encrypt=true`, tier: 'likely' },
          { text: `requirepass ${s.chars(20, ALPHABETS.alnum)}`, tier: 'likely' },
        ]
      },
      clean: () => [
        `password = "password"`,
        `{'PKObject', 'PKPass', 'PKPassLibrary', 'PKPassRelevantDate'}`,
        `password: "changeme"`,
        `PASSWORD=\${DB_PASSWORD}`,
        `passwordField.setText("Enter your password")`,
        `password: str`,
        `password = getPassword()`,
        `password: '********'`,
        `String password = request.getParameter("password");`,
        `"forgotPassword": "/auth/forgot-password"`,
      ],
    },
  },
  {
    id: 'http-authorization',
    title: 'Credential in an Authorization header',
    family: 'generic',
    severity: 'high',
    doc: 'Bearer, Basic or Token credentials written into a request. Basic ones are decoded and judged by their password.',
    cases: {
      found: (s) => {
        const value = s.chars(40, ALPHABETS.alnum)
        const basic = Buffer.from(`deploy:${password(s)}`, 'latin1').toString('base64')
        return [
          { text: `Authorization: Bearer ${value}`, tier: 'likely' },
          { text: `curl -H "Authorization: token ${value}" https://api.example.org`, tier: 'likely' },
          { text: `headers = {'Authorization': 'Bearer ${value}'}`, tier: 'likely' },
          { text: `Authorization: Basic ${basic}`, tier: 'likely' },
          { text: `{"auths": {"registry.internal.net": {"auth": "${basic}"}}}`, tier: 'likely' },
          { text: `//registry.internal.net/:_auth=${basic}`, tier: 'likely' },
          { text: `Authorization: SSWS ${value}`, tier: 'likely' },
          { text: `headers = {"Authorization": "GenieKey ${s.uuid()}"}`, tier: 'likely' },
          { text: `curl -H 'Authorization: Vendor-V1 ${value}' https://api.internal.net`, tier: 'likely' },
        ]
      },
      clean: (s) => [
        'Authorization: Bearer $TOKEN',
        'Authorization: `Bearer ${token}`',
        'Authorization: Bearer <token>',
        `The authorization of build ${s.chars(40, ALPHABETS.hex)} is missing`,
        `Authorization: Basic ${Buffer.from('user:password').toString('base64')}`,
      ],
    },
  },
]
