// Writes dist/scan.cache: the bytecode of dist/scan.cjs after a scan, so that the functions a scan needs are in it. What is
// scanned is our own source and, where there is git, a small history with texts that changed and a key made on the spot.
// Started by build.js with the flags of bin/mm, which a thread of the scanner changes: none here.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { sums, script, run } = createRequire(import.meta.url)('../bin/run.js').compile('scan')
const scratch = mkdtempSync(join(tmpdir(), 'mm-build-'))
const { runFast } = run()
const to = ['--output', join(scratch, 'report.txt'), '--baseline', join(scratch, 'none')]
process.chdir(join(root, 'src'))
if (!(await runFast(['core/scan', ...to], root))) process.exit(1)
if (makeHistory(join(scratch, 'history'))) {
  process.chdir(join(scratch, 'history'))
  await runFast(['--history', ...to], root)
}
process.chdir(root)
rmSync(scratch, { recursive: true, force: true })
const data = script.createCachedData()
writeFileSync(join(root, 'dist', 'scan.cache'), Buffer.concat([sums(data), data]))
// What was found or could not be read is no question of the build.
process.exitCode = 0

/** False where there is no git to make it with. */
function makeHistory(folder) {
  mkdirSync(folder)
  const git = (...args) =>
    spawnSync('git', ['-c', 'user.name=mm', '-c', 'user.email=mm@localhost', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    }).status === 0
  if (!git('init', '-q')) return false
  const text = readFileSync(join(root, 'src', 'core', 'scan', 'engine.ts'), 'utf8')
  for (let version = 0; version < 6; version++) {
    for (let file = 0; file < 6; file++)
      writeFileSync(join(folder, `f${file}.ts`), `// ${version + file}\n${text}// end\n`)
    writeFileSync(
      join(folder, 'settings.env'),
      `VERSION=${version}\nAPI_SECRET=${randomBytes(24).toString('base64url')}\n`,
    )
    if (!git('add', '-A') || !git('commit', '-q', '-m', 'x')) return false
  }
  return git('gc', '-q')
}
