/** `scheme://user:password@host`: databases, queues, registries, proxies, git remotes. */
import { isMask, isReference, isSampleWords } from '../placeholders.ts'
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
  if (colon < 0 || colon + 1 >= at || i - 2 < floor || buf[i - 1] !== 0x2f || buf[i - 2] !== 0x3a) return
  const scheme = /[A-Za-z][A-Za-z0-9+.-]{1,20}$/.exec(buf.toString('latin1', Math.max(from, i - 24), i - 2))
  const user = buf.toString('latin1', i + 1, colon)
  const password = buf.toString('latin1', colon + 1, at)
  const host = /^[A-Za-z0-9_.-]{1,80}/.exec(buf.toString('latin1', at + 1, Math.min(end, at + 81)))?.[0] ?? ''
  if (scheme === null || host === '') return
  const tier = judge(user, password, host)
  if (tier !== 'no') hit({ start: colon + 1, end: at, tier, reason: `password in a ${scheme[0]} address` })
}

function judge(user: string, password: string, host: string): Tier | 'no' {
  if (/[{}$<>%()]{1}[A-Za-z_{(]/.test(password) && isReference(password)) return 'no'
  if (/[{}<>]|^\$|^%[A-Za-z_]+%$|^\[|^:/.test(password) || /[{}<>$]/.test(user) || isMask(password)) return 'no'
  if (password.length < 3 || isSampleWords(password) || password.toLowerCase() === user.toLowerCase()) return 'no'
  if (/^(?:[a-z0-9-]+\.)*example\.(?:com|org|net)$|\.example$|^host(?:name)?$/i.test(host)) return 'review'
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
      found: (s) =>
        SCHEMES.map((scheme) => ({
          text: `url = "${scheme}://service:${s.chars(16, ALPHABETS.alnum)}@db${s.below(9)}.internal.net:5432/app"`,
          tier: 'likely' as const,
        })),
      clean: () => [
        'postgres://user:password@localhost:5432/db',
        'https://$' + '{USER}:$' + '{PASS}@host.net/path',
        'redis://:<password>@cache.internal.net',
        'mail me at https://example.org/a:b or at me@example.org',
        'ssh://git@github.com:22/owner/repo.git',
      ],
    },
  },
]
