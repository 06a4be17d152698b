// Writes dist/core/scan/simd-ready.js: the tables of the vector finders for the rules of this build.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const scan = join(import.meta.dirname, '..', 'dist', 'core', 'scan')
const [{ builtInRules }, { simdTables, upperTables }] = await Promise.all([
  import(join(scan, 'rule-set.js')),
  import(join(scan, 'simd-tables.js')),
])
const rules = await builtInRules()
const text = (table) => JSON.stringify(Buffer.from(table).toString('base64'))
const ready = `{ lower: ${text(simdTables(rules))}, upper: ${text(upperTables(rules))} }`
writeFileSync(join(scan, 'simd-ready.js'), `export const READY = ${ready}\n`)
