// Writes dist/scan.cache: the bytecode of dist/scan.cjs after a scan, so that the functions a scan needs are in it. What is
// scanned is our own source. Started by build.js with the flags of bin/mm, which a thread of the scanner changes: none here.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { sums, script, run } = createRequire(import.meta.url)('../bin/run.js').compile('scan')
const scratch = mkdtempSync(join(tmpdir(), 'mm-build-'))
const output = join(scratch, 'report.txt')
process.chdir(join(root, 'src'))
if (!(await run().runFast(['core/scan', '--output', output, '--baseline', join(scratch, 'none')], root)))
  process.exit(1)
rmSync(scratch, { recursive: true, force: true })
const data = script.createCachedData()
writeFileSync(join(root, 'dist', 'scan.cache'), Buffer.concat([sums(data), data]))
// What was found or could not be read is no question of the build.
process.exitCode = 0
