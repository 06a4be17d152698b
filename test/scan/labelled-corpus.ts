/**
 * A labelled corpus made on the spot: what people write in forty languages and formats, with values of many alphabets that
 * are secrets and with values that are none. Seeded, so that a failure can be looked at again.
 */
import { ALPHABETS, type Sampler } from '../../src/core/scan/sample.ts'

export interface Labelled {
  readonly text: string
  readonly path: string
  readonly isSecret: boolean
  /** Syntax and value class, for the table of what was missed. */
  readonly from: string
}

/** One way to write a name and a value down. `n` is the name in snake case. */
type Syntax = readonly [path: string, write: (n: string, v: string) => string]

const camel = (n: string) => n.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())
const pascal = (n: string) => camel(`_${n}`)
const env = (n: string) => n.toUpperCase()
const kebab = (n: string) => n.replaceAll('_', '-')
const dotted = (n: string) => n.replaceAll('_', '.')

export const SYNTAXES: Readonly<Record<string, Syntax>> = {
  dotenv: ['.env', (n, v) => `PORT=80\n${env(n)}=${v}\nDEBUG=1\n`],
  'dotenv quoted': ['.env.production', (n, v) => `${env(n)}="${v}"\n`],
  'shell export': ['deploy.sh', (n, v) => `#!/bin/sh\nexport ${env(n)}='${v}'\n`],
  'shell default': ['run.sh', (n, v) => `: "\${${env(n)}:=${v}}"\n`],
  fish: ['config.fish', (n, v) => `set -x ${env(n)} "${v}"\n`],
  batch: ['run.bat', (n, v) => `set ${env(n)}=${v}\r\nstart app\r\n`],
  powershell: ['run.ps1', (n, v) => `$env:${env(n)} = "${v}"\r\n`],
  makefile: ['Makefile', (n, v) => `${env(n)} ?= ${v}\n`],
  dockerfile: ['Dockerfile', (n, v) => `FROM node\nENV ${env(n)}=${v}\n`],
  'dockerfile blank': ['Dockerfile', (n, v) => `ENV ${env(n)} ${v}\n`],
  compose: ['docker-compose.yml', (n, v) => `services:\n  app:\n    environment:\n      - ${env(n)}=${v}\n`],
  yaml: ['app.yaml', (n, v) => `server:\n  ${n}: ${v}\n  port: 1\n`],
  'yaml quoted': ['app.yaml', (n, v) => `${camel(n)}: '${v}' # main\n`],
  'yaml block': ['app.yaml', (n, v) => `${n}: |\n  ${v}\nnext: 1\n`],
  'yaml entry': ['deploy.yaml', (n, v) => `env:\n  - name: ${env(n)}\n    value: ${v}\n`],
  workflow: ['ci.yml', (n, v) => `jobs:\n  a:\n    env:\n      ${env(n)}: "${v}"\n`],
  json: ['config.json', (n, v) => `{\n  "name": "app",\n  "${camel(n)}": "${v}",\n  "x": 1\n}\n`],
  'json one line': ['config.json', (n, v) => `{"name":"app","${n}":"${v}","x":1}`],
  'json escaped': ['log.txt', (n, v) => `{"body":"{\\"${n}\\":\\"${v}\\"}"}`],
  'json entry': ['task.json', (n, v) => `{"environment":[{"name":"${env(n)}","value":"${v}"}]}`],
  toml: ['conf.toml', (n, v) => `[api]\n${n} = "${v}"\n`],
  ini: ['setup.ini', (n, v) => `[api]\n${n} = ${v}\n`],
  properties: ['application.properties', (n, v) => `app.port=1\napp.${dotted(n)}=${v}\n`],
  xml: ['pom.xml', (n, v) => `<settings><${camel(n)}>${v}</${camel(n)}></settings>`],
  'xml lines': ['app.xml', (n, v) => `<${pascal(n)}>\n    ${v}\n</${pascal(n)}>\n`],
  'xml attribute': ['web.config', (n, v) => `<add key="${pascal(n)}" value="${v}" />\n`],
  plist: ['Info.plist', (n, v) => `<key>${camel(n)}</key>\n<string>${v}</string>\n`],
  hcl: ['main.tf', (n, v) => `resource "x" "y" {\n  ${n.padEnd(24)} = "${v}"\n}\n`],
  'hcl variable': ['vars.tf', (n, v) => `variable "${n}" {\n  default = "${v}"\n}\n`],
  gradle: ['build.gradle', (n, v) => `ext {\n  ${camel(n)} = '${v}'\n}\n`],
  javascript: ['a.js', (n, v) => `const ${camel(n)} = '${v}'\n`],
  'javascript object': ['a.js', (n, v) => `init({ ${camel(n)}: '${v}', retries: 3 })\n`],
  'javascript wrapped': ['a.js', (n, v) => `const ${camel(n)} =\n  '${v}'\n`],
  'javascript fallback': ['a.js', (n, v) => `const k = process.env.${env(n)} || "${v}"\n`],
  typescript: ['a.ts', (n, v) => `private readonly ${camel(n)}: string = '${v}';\n`],
  jsx: ['a.tsx', (n, v) => `<Client ${camel(n)}="${v}" />\n`],
  python: ['a.py', (n, v) => `${env(n)} = "${v}"\n`],
  'python keyword': ['a.py', (n, v) => `client = Client("x", ${n}='${v}')\n`],
  'python dict': ['a.py', (n, v) => `conf = {'${n}': '${v}', 'a': 1}\n`],
  'python fallback': ['a.py', (n, v) => `k = os.environ.get("${env(n)}", "${v}")\n`],
  'python typed': ['a.py', (n, v) => `${n}: Final[str] = "${v}"\n`],
  go: ['a.go', (n, v) => `const ${camel(n)} = "${v}"\n`],
  'go struct': ['a.go', (n, v) => `c := Config{\n\t${pascal(n)}: "${v}",\n}\n`],
  'go short': ['a.go', (n, v) => `\t${camel(n)} := \`${v}\`\n`],
  rust: ['a.rs', (n, v) => `const ${env(n)}: &str = "${v}";\n`],
  java: ['A.java', (n, v) => `private static final String ${env(n)} = "${v}";\n`],
  'java call': ['A.java', (n, v) => `props.setProperty("${dotted(n)}", "${v}");\n`],
  kotlin: ['a.kt', (n, v) => `val ${camel(n)}: String = "${v}"\n`],
  swift: ['a.swift', (n, v) => `let ${camel(n)} = "${v}"\n`],
  csharp: ['A.cs', (n, v) => `public const string ${pascal(n)} = "${v}";\n`],
  php: ['a.php', (n, v) => `$${n} = '${v}';\n`],
  'php define': ['a.php', (n, v) => `define('${env(n)}', '${v}');\n`],
  'php array': ['a.php', (n, v) => `return ['${n}' => '${v}'];\n`],
  'php fallback': ['a.php', (n, v) => `'k' => env('${env(n)}', '${v}'),\n`],
  ruby: ['a.rb', (n, v) => `config.${n} = "${v}"\n`],
  'ruby hash': ['a.rb', (n, v) => `{ :${n} => '${v}' }\n`],
  perl: ['a.pl', (n, v) => `my $${n} = "${v}";\n`],
  lua: ['a.lua', (n, v) => `local ${n} = "${v}"\n`],
  r: ['a.R', (n, v) => `${n} <- "${v}"\n`],
  c: ['a.c', (n, v) => `static const char *${n} = "${v}";\n`],
  define: ['a.h', (n, v) => `#define ${env(n)} "${v}"\n`],
  dart: ['a.dart', (n, v) => `final ${camel(n)} = '${v}';\n`],
  scala: ['a.scala', (n, v) => `val ${camel(n)} = "${v}"\n`],
  'command flag': ['run.sh', (n, v) => `app --${kebab(n)} ${v} --port 1\n`],
  'command flag equals': ['run.sh', (n, v) => `app --${kebab(n)}=${v} --port 1\n`],
  query: ['notes.md', (n, v) => `GET https://api.internal.net/v1/x?limit=1&${n}=${v}&page=2\n`],
  header: ['notes.md', (n, v) => `curl -H "X-${pascal(n)}: ${v}" https://api.internal.net\n`],
  prose: ['notes.md', (n, v) => `The ${n.replaceAll('_', ' ')} is: ${n}: \`${v}\`\n`],
  'utf-8 comment': ['a.py', (n, v) => `# Schlüssel für Zürich\n${n} = "${v}"  # gültig\n`],
  'commented out': ['a.py', (n, v) => `# ${n} = "${v}"\n`],
}

type Make = (s: Sampler) => string

/** Values that a name ending in key, token or secret makes a secret. */
const RANDOM: Readonly<Record<string, Make>> = {
  'hex 32': (s) => s.chars(32, ALPHABETS.hex),
  'hex 40': (s) => s.chars(40, ALPHABETS.hex),
  'hex 64': (s) => s.chars(64, ALPHABETS.hex),
  'HEX 32': (s) => s.chars(32, ALPHABETS.HEX),
  'capitals 18': (s) => s.chars(18, ALPHABETS.upper),
  'capitals 36': (s) => s.chars(36, ALPHABETS.upper),
  'letters and digits 20': (s) => s.chars(20, ALPHABETS.alnum),
  'letters and digits 36': (s) => s.chars(36, ALPHABETS.alnum),
  'letters and digits 64': (s) => s.chars(64, ALPHABETS.alnum),
  'lower 24': (s) => s.chars(24, `${ALPHABETS.lower}${ALPHABETS.digit}`),
  'base32 32': (s) => s.chars(32, ALPHABETS.base32),
  'base58 44': (s) => s.chars(44, ALPHABETS.base58),
  'base64 40': (s) => s.chars(40, ALPHABETS.base64),
  'base64 88': (s) => `${s.chars(86, ALPHABETS.base64)}==`,
  'base64url 43': (s) => s.chars(43, ALPHABETS.base64url),
  uuid: (s) => s.uuid(),
  'HEX and hex 32': (s) => s.chars(32, `${ALPHABETS.hex}ABCDEF`),
  'two parts': (s) => `${s.uuid()}:${s.chars(32, ALPHABETS.hex)}`,
  'named part': (s) => `prod:${s.chars(40, ALPHABETS.alnum)}`,
}

const PASSWORDS: Readonly<Record<string, Make>> = {
  mixed: (s) => `${s.chars(4, ALPHABETS.upper)}${s.chars(5, ALPHABETS.lower)}${s.chars(3, ALPHABETS.digit)}`,
  marked: (s) => `${s.chars(5, ALPHABETS.alnum)}!${s.chars(4, ALPHABETS.lower)}${s.chars(2, ALPHABETS.digit)}`,
  'random 16': (s) => s.chars(16, ALPHABETS.alnum),
  'word and year': (s) => `${s.pick(WORDS)}${s.pick(['!', '@', '#'])}${2000 + s.below(30)}`,
}

const WORDS = ['Winter', 'Orchid', 'Falcon', 'Quartz', 'Lisbon', 'Mercury']
const KEY_NAMES = ['api_key', 'secret_key', 'access_token', 'client_secret', 'billing_api_secret', 'auth_token']
const PASSWORD_NAMES = ['password', 'db_password', 'admin_passwd', 'smtp_password']
/** Names whose values are no secrets, however random. */
const PUBLIC_NAMES = [
  'commit_sha',
  'checksum',
  'request_id',
  'public_key',
  'trace_id',
  'etag',
  'image_digest',
  'page_token',
]

/** Values that are none, whatever the name. */
const HARMLESS: Readonly<Record<string, Make>> = {
  reference: (s) =>
    s.pick(['${API_KEY}', '$API_KEY', '{{ secrets.api_key }}', '<your-key>', '%API_KEY%', '@@API_KEY@@']),
  placeholder: (s) =>
    s.pick(['changeme', 'YOUR_API_KEY_HERE', 'your-secret-here', 'xxxxxxxxxxxxxxxx', '****************', 'todo']),
  words: (s) => s.pick(['my-service-account', 'not_a_secret_value', 'read-write-access', 'the-quick-brown-fox-jumps']),
  path: (s) => s.pick(['/run/secrets/api_key', './config/keys/main.pem', 'secrets/prod/api-key', '~/.aws/credentials']),
  address: (s) => s.pick(['https://auth.internal.net/oauth2/token', 'arn:aws:secretsmanager:eu-west-1:1:secret:db']),
  flag: (s) => s.pick(['true', 'false', 'none', 'null', '0', '3600']),
  sample: (s) =>
    s.pick(['example-api-key-value', 'EXAMPLEKEY1234567890', 'abcdefghijklmnopqrstuvwxyz', 'test-token-123456789']),
  name: (s) => s.pick(['SecretKeyProvider', 'passwordResetToken', 'API_KEY_HEADER_NAME', 'getAccessTokenFromRequest']),
}

/** Every syntax with every class of value, drawn from `sampler`. */
export function* labelledCorpus(sampler: Sampler): Generator<Labelled> {
  for (const [syntax, [path, write]] of Object.entries(SYNTAXES)) {
    const row = (names: readonly string[], values: Readonly<Record<string, Make>>, isSecret: boolean): Labelled[] =>
      Object.entries(values).map(([kind, make]) => ({
        text: write(sampler.pick(names), make(sampler)),
        path,
        isSecret,
        from: `${syntax}, ${kind}`,
      }))
    yield* row(KEY_NAMES, RANDOM, true)
    yield* row(PASSWORD_NAMES, PASSWORDS, true)
    yield* row(PUBLIC_NAMES, RANDOM, false)
    yield* row([...KEY_NAMES, ...PASSWORD_NAMES], HARMLESS, false)
  }
}
