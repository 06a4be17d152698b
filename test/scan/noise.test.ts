import { expect, test } from 'vitest'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { failing, newEngine, scanText } from './helpers.ts'

const COUNT = process.env['MM_VERIFY'] === '1' ? 1_000_000 : 20_000
const engine = await newEngine()

const { hex, base64, alnum, lower } = ALPHABETS

/** Lines of code, lockfiles and logs that hold random values which are no secrets. */
const LINES: readonly ((s: Sampler) => string)[] = [
  (s) => `commit ${s.chars(40, hex)}`,
  (s) => `index ${s.chars(7, hex)}..${s.chars(7, hex)} 100644`,
  (s) => `"version": "1.${s.below(99)}.${s.below(99)}", "gitHead": "${s.chars(40, hex)}"`,
  (s) => `"integrity": "sha512-${s.chars(86, base64)}=="`,
  (s) => `  resolved "https://registry.npmjs.org/pkg/-/pkg-1.0.0.tgz#${s.chars(40, hex)}"`,
  (s) => `  integrity sha1-${s.chars(27, base64)}=`,
  (s) => `github.com/pkg/mod v1.2.${s.below(90)} h1:${s.chars(43, base64)}=`,
  (s) => `checksum = "${s.chars(64, hex)}"`,
  (s) => `id: ${s.uuid()}`,
  (s) => `requestId=${s.uuid()} userId=${s.uuid()}`,
  (s) => `{"_id":"${s.chars(24, hex)}","etag":"${s.chars(32, hex)}"}`,
  (s) => `FROM node@sha256:${s.chars(64, hex)}`,
  (s) => `uses: actions/checkout@${s.chars(40, hex)} # v4`,
  (s) => `sha256sum: ${s.chars(64, hex)}  file-${s.below(99)}.tar.gz`,
  (s) =>
    `!function(e,t){"use strict";var n=${s.below(999)};e.exports="${s.chars(8, lower)}"}(this,"${s.chars(20, hex)}");`,
  (s) => `//# sourceMappingURL=data:application/json;base64,${s.chars(120, base64)}`,
  (s) => `<link href="/assets/app-${s.chars(8, alnum)}.css" integrity="sha384-${s.chars(64, base64)}">`,
  (s) => `txHash: 0x${s.chars(64, hex)}, address: 0x${s.chars(40, hex)}`,
  (s) => `fingerprint: ${Array.from({ length: 16 }, () => s.chars(2, hex)).join(':')}`,
  (s) => `cacheKey = 'v1-${s.chars(32, hex)}'`,
  (s) => `.css-${s.chars(7, alnum)}{color:#${s.chars(6, hex)}}`,
  (s) => `orderId=${s.below(2 ** 31)}${s.below(2 ** 31)} blob ${s.chars(40, hex)}`,
]

test(`${COUNT} hashes, ids and bundles give nothing above review`, () => {
  const sampler = new Sampler(20_261_122)
  const batch = 500
  for (let done = 0; done < COUNT; done += batch) {
    const lines = Array.from({ length: batch }, () => sampler.pick(LINES)(sampler))
    const found = failing(scanText(engine, lines.join('\n'), 'package-lock.json'))
    expect(
      found.map((hit) => `${hit.rule} (${hit.reason})`),
      `around line ${done}`,
    ).toEqual([])
  }
}, 900_000)
