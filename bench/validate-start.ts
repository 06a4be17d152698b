/**
 * `mm validate-config` on a file of 300 lines, cold, as a whole process, beside `node -e 0` in the same run. Both on the
 * node that bin/mm starts.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const RUNS = 31
const LINES = 300
const root = join(import.meta.dirname, '..')

export function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'mm-validate-start-'))
  const env = { PATH: process.env['PATH'], HOME: dir }
  const mm = join(root, 'bin', 'mm')
  spawnSync(mm, ['init', '--dir', dir], { env })
  const file = join(dir, 'mm.yaml')
  const written = readFileSync(file, 'utf8').trimEnd().split('\n')
  const filler = Array.from({ length: Math.max(0, LINES - written.length) }, (_, at) => `# line ${at}`)
  writeFileSync(file, `${[...written, ...filler].join('\n')}\n`)
  const timed = (program: string, args: readonly string[]): number => {
    const startedAt = performance.now()
    const { status } = spawnSync(program, args, { env, cwd: dir, stdio: 'ignore' })
    if (status !== 0) throw new Error(`${program} ended with ${status}`)
    return performance.now() - startedAt
  }
  const rows = Array.from({ length: RUNS + 1 }, () => ({
    bare: timed(process.execPath, ['-e', '0']),
    checked: timed(mm, ['validate-config']),
  })).slice(1)
  rmSync(dir, { recursive: true })
  const bare = median(rows.map((row) => row.bare))
  const checked = median(rows.map((row) => row.checked))
  const ratio = median(rows.map((row) => row.checked / row.bare))
  process.stdout.write(`node -e 0                    ${bare.toFixed(1)} ms\n`)
  process.stdout.write(`mm validate-config (${LINES} lines) ${checked.toFixed(1)} ms  × ${ratio.toFixed(2)}\n`)
  return Promise.resolve()
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

if (import.meta.main) await run()
