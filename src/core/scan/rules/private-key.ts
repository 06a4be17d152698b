/** Private key files of every kind, also with `\n` written out, indented, quoted or joined by `+`. */
import type { Place, Rule } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

const REACH = 16_384
/** Shortest body in base64 characters: an Ed25519 key in PKCS#8 has 64. */
const BODY_MIN = 40
const BEGIN = '-----BEGIN '

function keyBlock({ buf, at, from, end, hit }: Place): void {
  const lineStart = Math.max(from, at - 40)
  const head = buf.toString('latin1', lineStart, at)
  const begin = Math.max(head.lastIndexOf('BEGIN '), head.lastIndexOf('begin '))
  if (begin < 0 || head.slice(begin).includes('PUBLIC') || !/-{4,5} ?$/.test(head.slice(0, begin))) return
  const text = buf.toString('latin1', at, Math.min(end, at + REACH))
  const labelEnd = /^PRIVATE KEY(?: BLOCK)? ?-{4,5}/.exec(text)
  if (labelEnd === null) return
  const stop = /-{4,5} ?END /.exec(text.slice(labelEnd[0].length))
  const inside = text.slice(labelEnd[0].length, stop === null ? undefined : labelEnd[0].length + stop.index)
  if (!isKeyBody(stop === null ? inside.slice(0, 400) : inside)) return
  const isEncrypted = head.includes('ENCRYPTED') || /ENCRYPTED/.test(inside.slice(0, 200))
  const start = lineStart + begin + 'BEGIN '.length
  const length = labelEnd[0].length + Math.min(inside.length, 4096)
  hit({
    start,
    end: Math.min(end, at + length),
    tier: isEncrypted ? 'review' : 'confirmed',
    reason: 'private key block',
  })
}

/** Lines of base64, whatever newlines, quotes and joins stand between them; hardly anything else. */
function isKeyBody(inside: string): boolean {
  const text = inside.replace(/\\+[nrt]/g, '\n').replace(/^\s*[A-Za-z-]+: .*$/gm, '')
  const body = (text.match(/[A-Za-z0-9+/=]{12,}/g) ?? []).join('')
  const other = text.replace(/[\s"'`\\,+;|#*>-]/g, '').length - body.replaceAll('+', '').length
  // Names that stand behind the words in a program have hardly any digits; base64 has one in six.
  const digits = (body.match(/\d/g) ?? []).length
  return body.length >= BODY_MIN && digits >= body.length / 50 && new Set(body).size >= 16 && other <= text.length / 5
}

function pem(s: Sampler, label: string, newline: string): string {
  const lines = ['MII', s.chars(61, ALPHABETS.base64), s.chars(64, ALPHABETS.base64), s.chars(40, ALPHABETS.base64)]
  return [`${BEGIN}${label}-----`, `${lines[0]}${lines[1]}`, lines[2], lines[3], `-----END ${label}-----`].join(newline)
}

const LABELS = ['RSA ', 'EC ', 'DSA ', 'OPENSSH ', 'PGP ', ''].map(
  (kind) => `${kind}PRIVATE KEY${kind === 'PGP ' ? ' BLOCK' : ''}`,
)

export const rules: readonly Rule[] = [
  {
    id: 'private-key',
    title: 'Private key',
    family: 'key',
    severity: 'critical',
    doc: 'PEM, OpenSSH and PGP private keys. Exchanges that take RSA or Ed25519 keys trade on this file alone. Encrypted blocks are for review.',
    detect: { needle: 'PRIVATE KEY', ahead: REACH, inBinary: true, at: keyBlock },
    cases: {
      found: (s) =>
        LABELS.flatMap((label) =>
          ['\n', '\\n', '\r\n', '\n    '].map((newline) => ({
            text: pem(s, label, newline),
            tier: 'confirmed' as const,
          })),
        ),
      clean: () => [
        `${BEGIN}PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`,
        `if (text.includes('${BEGIN}RSA PRIVATE KEY-----')) return parse(text)`,
        `${BEGIN}PGP PRIVATE KEY BLOCK-----AbortSignalAbsoluteOrientationSensorAbstractRangeAccelerometerAnalyserNodeAnimation`,
        `${BEGIN}PRIVATE KEY-----\\nYOUR_KEY\\n-----END PRIVATE KEY-----`,
      ],
    },
  },
  {
    id: 'putty-private-key',
    title: 'PuTTY private key',
    family: 'key',
    severity: 'critical',
    doc: 'The .ppk format of PuTTY; encrypted ones are for review.',
    tokens: [
      {
        pattern: 'PuTTY-User-Key-File-[23]: [a-z0-9-]{5,24}[\r]?\nEncryption: [a-z0-9-]{3,12}',
        check: (token) => (token.endsWith('none') ? 'confirmed' : 'review'),
        sample: () => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none',
      },
    ],
  },
  {
    id: 'age-secret-key',
    title: 'age identity',
    family: 'key',
    severity: 'critical',
    doc: 'Decrypts everything encrypted to its recipient (github.com/FiloSottile/age).',
    tokens: [
      { pattern: 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}' },
      { pattern: 'AGE-SECRET-KEY-PQ-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}' },
    ],
  },
  {
    id: 'wireguard-private-key',
    title: 'WireGuard private key',
    family: 'key',
    severity: 'critical',
    doc: '32 bytes in base64 after PrivateKey or PresharedKey.',
    named: [
      {
        names: ['private', 'preshared', 'privatekey', 'presharedkey', 'wireguard'],
        pattern: '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=',
        with: ['key'],
      },
    ],
  },
]
