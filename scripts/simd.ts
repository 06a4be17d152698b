// Assembles src/core/scan/simd.wat into src/core/scan/simd-code.ts. Run it after a change of the text; a test holds the two
// together.
import { readFileSync, writeFileSync } from 'node:fs'
import { assemble } from './wat.ts'

const text = readFileSync('src/core/scan/simd.wat', 'utf8')
const code = Buffer.from(assemble(text)).toString('base64')
const lines = code.match(/.{1,110}/g) ?? []
writeFileSync(
  'src/core/scan/simd-code.ts',
  `/** simd.wat assembled by scripts/simd.ts: never edited by hand. */\nexport const SIMD_CODE =\n${lines.map((line) => `  '${line}'`).join(' +\n')}\n`,
)
