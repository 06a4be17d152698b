/** Passwords on command lines and in SQL: `curl -u user:password`, `IDENTIFIED BY 'password'`. */
import { isMask, isPublishedSample, isReference, isSampleWords } from '../placeholders.ts'
import type { Place, Rule, Tier } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

/** Bytes of a command that are read. */
const REACH = 400

const OPTION = / (?:-u|--user|-U|--proxy-user)[ =]?\\{0,2}["']?([^\s:"'@/\\]{1,64}):([^\s"'\\]{3,128})(?=[\s"'\\]|$)/

/** The `-u user:password` of the command at `at`, to the end of its line or of a line continued by a backslash. */
function curlUser({ buf, at, end, hit }: Place): void {
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const command = /^(?:\\\r?\n|[^\r\n])*/.exec(text)?.[0] ?? ''
  const match = OPTION.exec(command)
  if (match === null) return
  const [all, user = '', password = ''] = match
  const start = at + match.index + all.length - password.length
  report({ start, user, password, hit, reason: 'password on a curl command line' })
}

/** `IDENTIFIED [WITH plugin] BY 'password'` of MySQL, MariaDB and Oracle. */
function identifiedBy({ buf, at, end, hit }: Place): void {
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const match = /^entified +(?:with +["'\w]{1,40} +)?by +(["'])([^"'\s]{3,128})\1/i.exec(text)
  if (match === null) return
  const [all, , password = ''] = match
  report({
    start: at + all.length - 1 - password.length,
    user: '',
    password,
    hit,
    reason: 'password of a database user',
  })
}

function report(found: {
  readonly start: number
  readonly user: string
  readonly password: string
  readonly hit: Place['hit']
  readonly reason: string
}): void {
  const { start, user, password, hit, reason } = found
  if (isReference(password) || isMask(password) || isPublishedSample(password) || password.startsWith('$')) return
  // Percent signs and hashes: a pattern of a test or a stored hash, no password.
  if (/^\*[0-9A-F]{40}$|[{}<>]/.test(password)) return
  const isWord = isSampleWords(password) || password.toLowerCase() === user.toLowerCase() || /^[a-z]+$/.test(password)
  const tier: Tier = isWord ? 'review' : 'likely'
  hit({ start, end: start + password.length, tier, reason })
}

function password(s: Sampler): string {
  return `${s.chars(4, ALPHABETS.lower)}${s.chars(4, ALPHABETS.alnum)}!${s.chars(3, ALPHABETS.digit)}`
}

export const rules: readonly Rule[] = [
  {
    id: 'curl-user',
    title: 'Password on a curl command line',
    family: 'generic',
    severity: 'high',
    doc: 'The argument of -u, --user or --proxy-user with a password in it, in scripts, pipelines and documents.',
    detect: { needle: 'curl ', at: curlUser },
    cases: {
      found: (s) => [
        { text: `curl -u deploy:${password(s)} https://ci.internal.net/job`, tier: 'likely' },
        { text: `curl -s -X POST --user 'bot:${password(s)}' https://ci.internal.net`, tier: 'likely' },
        { text: `curl -sS \\\n  --proxy-user "ops:${password(s)}" \\\n  https://ci.internal.net`, tier: 'likely' },
      ],
      clean: () => [
        'curl -u user:password https://host.net',
        'curl -u "$USER:$PASS" https://host.net',
        'curl --user <name>:<token> https://host.net',
        'curl https://host.net:8443/u -o out.txt',
      ],
    },
  },
  {
    id: 'sql-user-password',
    title: 'Password of a database user in SQL',
    family: 'data',
    severity: 'high',
    doc: 'IDENTIFIED BY with a literal: whoever reads the script can log in.',
    detect: { needle: 'entified', also: ['ENTIFIED'], at: identifiedBy },
    cases: {
      found: (s) => [
        { text: `create user 'app'@'%' identified by '${password(s)}';`, tier: 'likely' },
        { text: `ALTER USER app IDENTIFIED WITH caching_sha2_password BY '${password(s)}';`, tier: 'likely' },
      ],
      clean: () => [
        `CREATE USER 'app'@'%' IDENTIFIED BY 'password';`,
        `the parts identified by 'name' are kept`,
        `identified as "in a call"`,
      ],
    },
  },
]
