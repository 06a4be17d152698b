/**
 * Time from process start to the first cancel on the wire, cold, as a whole process, beside `node -e 0` in the same run:
 * without a configuration and with a broken one. The server here only takes the time of the first request's bytes.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const RUNS = 15
const root = join(import.meta.dirname, '..')

export async function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'mm-cancel-start-'))
  let firstByteAt = 0
  const server = createServer((socket) => {
    socket.once('data', () => {
      firstByteAt ||= performance.now()
      socket.destroy()
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  writeFileSync(join(dir, 'mm.yaml'), '{ this is: [not, yaml')
  const env = { PATH: process.env['PATH'], HOME: dir, MM_API_KEY: 'bench', MM_API_SECRET: 'bench' }

  const toFirstCancel = async (cwd: string): Promise<number> => {
    firstByteAt = 0
    const startedAt = performance.now()
    const args = ['cancel-all', '--exchange-url', `http://127.0.0.1:${port}`, '--deadline', '1s']
    const child = spawn(join(root, 'bin', 'mm'), args, { cwd, env, stdio: 'ignore' })
    while (firstByteAt === 0) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    return firstByteAt - startedAt
  }
  const bare = async (): Promise<number> => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, ['-e', '0'], { env, stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))
    return performance.now() - startedAt
  }

  const rows: { bare: number; missing: number; broken: number }[] = []
  for (let i = 0; i <= RUNS; i++) {
    const row = { bare: await bare(), missing: await toFirstCancel(tmpdir()), broken: await toFirstCancel(dir) }
    if (i > 0) rows.push(row)
  }
  server.close()
  rmSync(dir, { recursive: true })
  const ratio = (pick: (row: (typeof rows)[number]) => number): string => median(rows.map(pick)).toFixed(2)
  process.stdout.write(`node -e 0                         ${ratio((row) => row.bare)} ms\n`)
  process.stdout.write(
    `first cancel, config missing      ${ratio((row) => row.missing)} ms  × ${ratio((row) => row.missing / row.bare)}\n`,
  )
  process.stdout.write(
    `first cancel, config broken       ${ratio((row) => row.broken)} ms  × ${ratio((row) => row.broken / row.bare)}\n`,
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

if (import.meta.main) await run()
