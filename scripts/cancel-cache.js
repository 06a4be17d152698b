// Writes dist/cancel.cache: the bytecode of dist/cancel.cjs after a run, so that what an emergency needs is in it. The
// run goes against a port of this machine that hangs up. Started by build.js with the flags of bin/mm.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { sums, script, run } = createRequire(import.meta.url)('../bin/run.js').compile('cancel')
const state = mkdtempSync(join(tmpdir(), 'mm-build-'))

// 12 or 14: it found nobody, as it should. Anything else is a broken bundle, and the build ends with it.
process.on('exit', (code) => {
  rmSync(state, { recursive: true, force: true })
  if (code !== 12 && code !== 14) return
  const data = script.createCachedData()
  writeFileSync(join(root, 'dist', 'cancel.cache'), Buffer.concat([sums(data), data]))
  process.exitCode = 0
})
// On a slow disk the command would end as a shell that only ends: not this process, which has its bytecode to write.
process.execve = undefined
const server = createServer((socket) => socket.destroy())
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
Object.assign(process.env, { MM_API_KEY: 'build', MM_API_SECRET: 'build' })
const url = `http://127.0.0.1:${server.address().port}`
await run().enterCancelAll(['--exchange-url', url, '--deadline', '1s', '--json', '--state-dir', state], root)
