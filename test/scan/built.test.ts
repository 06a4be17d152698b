/** The built command: rules and helping thread stand in the bundle, where no rule folder is left to read. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FILES_MIN } from '../../src/core/scan/workers.ts'

const MM = fileURLToPath(new URL('../../bin/mm', import.meta.url))

test('a folder with enough files for a second thread is read whole, and what is planted in it is found', () => {
  const root = mkdtempSync(join(tmpdir(), 'mm-built-'))
  try {
    for (let folder = 0; folder < 2; folder++) {
      mkdirSync(join(root, `d${folder}`))
      for (let i = 0; i < FILES_MIN; i++) writeFileSync(join(root, `d${folder}`, `${i}.txt`), `note ${i}\n`)
    }
    const value = `${'4fQ9zL2x'}${'Vb7Rk1Ts'}${'8WnYc3Jd'}${'5GhMp6Xa'}`
    writeFileSync(join(root, 'd1', 'z.env'), `PAYMENTS_CLIENT_SECRET=${value}\n`)
    const done = spawnSync(MM, ['scan-secrets', '--format', 'json'], { cwd: root, encoding: 'utf8' })
    expect([done.status, done.stderr]).toEqual([1, ''])
    const report: { readonly findings: readonly { readonly path: string }[]; readonly coverage: { files: number } } =
      JSON.parse(done.stdout)
    expect(report.findings.map(({ path }) => path)).toEqual(['d1/z.env'])
    expect(report.coverage.files).toBe(2 * FILES_MIN + 1)
    expect(done.stdout).not.toContain(value)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
