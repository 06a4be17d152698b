/** Passwords on command lines, in SQL and in calls: `curl -u user:password`, `IDENTIFIED BY 'password'`, `mysqli_connect(…)`. */
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

// In all of them a quote may be escaped, in a log or a document in JSON.

/** `IDENTIFIED [WITH plugin] BY 'password'` of MySQL, MariaDB and Oracle. */
function identifiedBy({ buf, at, end, hit }: Place): void {
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const match = /^entified +(?:with +["'\w\\]{1,48} +)?by +(\\{0,4}["'])([^"'\s\\]{3,128})\1/i.exec(text)
  if (match === null) return
  const [all, , password = ''] = match
  report({
    start: at + all.lastIndexOf(password),
    user: '',
    password,
    hit,
    reason: 'password of a database user',
  })
}

/** `ConvertTo-SecureString "password" -AsPlainText`. */
function secureString({ buf, at, end, hit }: Place): void {
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const match = /^SecureString\s{1,4}(?:-String\s{1,4})?(\\{0,4}["'])([^"'\s\\]{3,128})\1/i.exec(text)
  const password = match?.[2]
  if (match === null || password === undefined || !/^.{0,60}-AsPlainText/i.test(text.slice(match[0].length))) return
  const start = at + match[0].lastIndexOf(password)
  report({ start, user: '', password, hit, reason: 'password of a secure string' })
}

/** Functions that take a host or a source, a user and a password. */
const CONNECTS =
  /(?:mysqli?|pgsql|odbc|oci|sqlsrv|mssql|ibm_db|db2|ldap|dbi|pymysql|psycopg2?|oracle\w*|snowflake)[\w.:>_-]{0,20}$/i

/** `mysqli_connect("host", "user", "password")`, `DBI->connect("dbi:…", "user", "password")`. */
function connection({ buf, at, from, end, hit }: Place): void {
  if (!CONNECTS.test(buf.toString('latin1', Math.max(from, at - 40), at))) return
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const match =
    /^connect\(\s{0,20}\\{0,4}["'][^"'\n]{0,120}["']\s{0,4},\s{0,20}\\{0,4}["']([^"'\n]{0,64})["']\s{0,4},\s{0,20}\\{0,4}["']([^"'\s\\]{3,128})\\{0,4}["']/.exec(
      text,
    )
  const [all = '', user = '', password = ''] = match ?? []
  if (password === '') return
  report({
    start: at + all.lastIndexOf(password),
    user: user.replace(/\\+$/, ''),
    password,
    hit,
    reason: 'password of a connection',
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
  {
    id: 'secure-string-password',
    title: 'Password of a PowerShell secure string',
    family: 'generic',
    severity: 'high',
    doc: 'ConvertTo-SecureString of a literal with -AsPlainText: nothing about it is secure.',
    detect: { needle: 'SecureString', at: secureString },
    cases: {
      found: (s) => [
        { text: `$p = ConvertTo-SecureString "${password(s)}" -AsPlainText -Force`, tier: 'likely' },
        { text: `ConvertTo-SecureString -String '${password(s)}' -AsPlainText -Force`, tier: 'likely' },
      ],
      clean: (s) => [
        `ConvertTo-SecureString "$env:PASSWORD" -AsPlainText -Force`,
        `ConvertTo-SecureString "password" -AsPlainText -Force`,
        `ConvertTo-SecureString '${s.chars(40, ALPHABETS.hex)}' -Key $key`,
      ],
    },
  },
  {
    id: 'connection-password',
    title: 'Password of a database connection',
    family: 'data',
    severity: 'high',
    doc: 'The third argument of mysqli_connect, odbc_connect, DBI->connect and their like.',
    detect: { needle: 'connect(', at: connection },
    cases: {
      found: (s) => [
        { text: `mysqli_connect('db.internal', 'app', '${password(s)}', 'shop');`, tier: 'likely' },
        { text: `my $dbh = DBI->connect("dbi:mysql:database=shop", "app", "${password(s)}");`, tier: 'likely' },
        { text: `conn = pymysql.connect("10.0.0.7", "app", "${password(s)}")`, tier: 'likely' },
      ],
      clean: () => [
        `mysqli_connect('localhost', 'root', 'password')`,
        `mysqli_connect($host, $user, $password)`,
        `button.connect("clicked", "on-clicked", "x1!Handler")`,
        `odbc_connect("dsn", "user", "\${PASSWORD}")`,
      ],
    },
  },
]
