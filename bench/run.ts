/**
 * `npm run bench [NAME…]`: runs each benchmark of this folder in a process of its own, one after the other. Figures are
 * ratios taken in one run; absolute times move with the neighbours. Nothing here ever gates a test.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'

const NOT_A_BENCH = new Set(['run.ts'])
const wanted = process.argv.slice(2)
const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && !NOT_A_BENCH.has(name))
  .map((name) => basename(name, '.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

process.stdout.write(`node ${process.version} · ${cpus().length} × ${cpus()[0]?.model ?? 'unknown cpu'}\n`)
let failed = 0
for (const name of names) {
  process.stdout.write(`\n## ${name}\n`)
  const args = ['--single-threaded-gc', '--expose-gc', join(import.meta.dirname, `${name}.ts`)]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
