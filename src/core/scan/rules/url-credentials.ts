/** `scheme://user:password@host`: databases, queues, registries, proxies, git remotes. */
import { isMask, isReference, isSampleWords } from '../placeholders.ts'
import { looksRandom, Shape } from '../randomness.ts'
import type { Place, Rule, Tier } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

const REACH = 256

/** Looks back from an `@` to `://`; most have none within a word. */
function userInfo({ buf, at, from, end, hit }: Place): void {
  const floor = Math.max(from, at - REACH)
  let i = at - 1
  let colon = -1
  while (i >= floor) {
    const byte = buf[i] ?? 0
    if (byte === 0x2f) break
    if (byte === 0x3a) colon = i
    else if (
      byte <= 0x20 ||
      byte === 0x22 ||
      byte === 0x27 ||
      byte === 0x60 ||
      byte === 0x3c ||
      byte === 0x3e ||
      byte >= 0x7f
    )
      return
    i--
  }
  if (i - 2 < floor || buf[i - 1] !== 0x2f || buf[i - 2] !== 0x3a) return
  const scheme = /[A-Za-z][A-Za-z0-9+.-]{1,20}$/.exec(buf.toString('latin1', Math.max(from, i - 24), i - 2))
  const host = /^[A-Za-z0-9_.-]{1,80}/.exec(buf.toString('latin1', at + 1, Math.min(end, at + 81)))?.[0] ?? ''
  if (scheme === null || host === '') return
  const userEnd = colon < 0 ? at : colon
  const user = buf.toString('latin1', i + 1, userEnd)
  const password = buf.toString('latin1', userEnd + 1, at)
  if (
    /https?$/i.test(scheme[0]) &&
    isTokenUser(buf, i + 1, userEnd) &&
    (password === '' || /^(?:x|x-oauth-basic|unused)$/.test(password))
  )
    return hit({ start: i + 1, end: userEnd, tier: tokenTier(host), reason: `token in a ${scheme[0]} address` })
  if (password === '') return
  const tier = judge({ user, password, host, isRandom: isDrawn(buf, userEnd + 1, at) })
  if (tier !== 'no') hit({ start: userEnd + 1, end: at, tier, reason: `password in a ${scheme[0]} address` })
}

/** `https://TOKEN@host`, `https://TOKEN:@host`: no user is called so. */
function isTokenUser(buf: Buffer, start: number, end: number): boolean {
  if (end - start < 20 || end - start > 200) return false
  const shape = new Shape().measure(buf, start, end)
  return looksRandom(shape) && shape.digits > 0 && shape.others === 0
}

/** The key in the address that Sentry's clients report to is public. */
function tokenTier(host: string): Tier {
  return /sentry|^o\d+\./.test(host) ? 'review' : 'likely'
}

function isDrawn(buf: Buffer, start: number, end: number): boolean {
  const shape = new Shape().measure(buf, start, end)
  return shape.length >= 12 && shape.others === 0 && looksRandom(shape)
}

function judge(found: {
  readonly user: string
  readonly password: string
  readonly host: string
  readonly isRandom: boolean
}): Tier | 'no' {
  const { user, password, host, isRandom } = found
  if (/[{}$<>%()]{1}[A-Za-z_{(]/.test(password) && isReference(password)) return 'no'
  if (/[{}<>]|^\$|^%[A-Za-z_]+%$|^\[|^:/.test(password) || /[{}<>$]/.test(user) || isMask(password)) return 'no'
  if (password.length < 3 || isSampleWords(password) || password.toLowerCase() === user.toLowerCase()) return 'no'
  // A sample address may hold the real password of whoever wrote it.
  if (!isRandom && /^(?:[a-z0-9-]+\.)*example\.(?:com|org|net)$|\.example$|^host(?:name)?$/i.test(host)) return 'review'
  if (/^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)$/.test(host) && /^[a-z_]+$/i.test(password)) return 'review'
  return password.length >= 5 ? 'likely' : 'review'
}

const SCHEMES = [
  'postgres',
  'postgresql',
  'mysql',
  'mongodb+srv',
  'redis',
  'amqp',
  'https',
  'ftp',
  'smtp',
  'clickhouse',
]

export const rules: readonly Rule[] = [
  {
    id: 'url-credentials',
    title: 'Password in an address',
    family: 'data',
    severity: 'critical',
    doc: 'User and password written into the address of a database, queue, proxy, registry or git remote.',
    detect: { needle: '@', behind: '://', at: userInfo },
    cases: {
      found: (s) => [
        ...SCHEMES.map((scheme) => ({
          text: `url = "${scheme}://service:${s.chars(16, ALPHABETS.alnum)}@db${s.below(9)}.internal.net:5432/app"`,
          tier: 'likely' as const,
        })),
        { text: `git clone https://${s.chars(32, ALPHABETS.alnum)}@git.internal.net/a/b.git`, tier: 'likely' },
        { text: `index = https://${s.chars(20, ALPHABETS.alnum)}7:@pypi.internal.net/simple`, tier: 'likely' },
        {
          text: `amqp://svc:${s.chars(8, ALPHABETS.alnum)}4${s.chars(8, ALPHABETS.alnum)}@mq.example.org`,
          tier: 'likely',
        },
      ],
      clean: (s) => [
        `https://${s.chars(32, ALPHABETS.hex)}@o4507.ingest.sentry.io/4507`,
        'https://some-service-account@git.internal.net/a/b.git',
        'https://unpkg.com/@scope/package@1.2.3/dist/index.js',
        'https://medium.com/@a-writer-with-a-long-name/title',
        'postgres://user:password@localhost:5432/db',
        'https://$' + '{USER}:$' + '{PASS}@host.net/path',
        'redis://:<password>@cache.internal.net',
        'mail me at https://example.org/a:b or at me@example.org',
        'ssh://git@github.com:22/owner/repo.git',
      ],
    },
  },
]
