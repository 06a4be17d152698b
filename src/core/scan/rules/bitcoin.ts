/** Bitcoin: wallet import format and extended private keys, both proven by their base58 checksum. */
import { base58check, toBase58check } from '../base58.ts'
import type { Rule } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

const EXTENDED: Readonly<Record<string, string>> = {
  xprv: '0488ade4',
  yprv: '049d7878',
  zprv: '04b2430c',
  tprv: '04358394',
}

function extended(sampler: Sampler): string {
  const version = Buffer.from(EXTENDED.xprv ?? '', 'hex')
  return toBase58check(Buffer.concat([version, sampler.bytes(41), Buffer.from([0]), sampler.bytes(32)]))
}

function wif(sampler: Sampler): string {
  return toBase58check(Buffer.concat([Buffer.from([0x80]), sampler.bytes(32), Buffer.from([1])]))
}

export const rules: readonly Rule[] = [
  {
    id: 'bitcoin-wif',
    title: 'Bitcoin private key (WIF)',
    family: 'wallet',
    severity: 'critical',
    doc: '51 or 52 base58 characters with a checksum: the key itself, the coins are gone with it.',
    cases: {
      found: (s) => [
        { text: `const key = "${wif(s)}"`, tier: 'confirmed' },
        { text: `${wif(s)}\n`, tier: 'confirmed' },
      ],
      clean: (s) => [`id: "K${s.chars(51, ALPHABETS.base58)}"`],
    },
  },
  {
    id: 'bitcoin-extended-key',
    title: 'Extended private key (xprv, yprv, zprv, tprv)',
    family: 'wallet',
    severity: 'critical',
    doc: 'BIP-32 root or branch: every key below it. Proven by its base58 checksum.',
    tokens: [
      {
        pattern: '[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}',
        check: (token) => (base58check(token) ? 'confirmed' : 'review'),
        sample: extended,
      },
    ],
  },
]
