#!/usr/bin/env node
// Entry point of `mm`. `cancel-all` must start fast and work when everything else is broken: it is one CommonJS file,
// run before the ESM loader or oclif come up. So is `scan-secrets`, which runs before every commit. Whatever they do not
// understand falls through to main.js.
const { join } = require('node:path')

const root = join(__dirname, '..')
exports.compile = compile
if (require.main === module) void start(process.argv.slice(2))

async function start(argv) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 24) {
    refuse({
      code: 'USAGE',
      message: `this is Node ${process.versions.node}; mm needs Node 24 or newer.`,
      remedy: 'Run npm ci, which brings the right one, and ./bin/mm finds it; or install Node 24.',
      exit: 2,
    })
  }
  buildOnce()
  if (argv[0] === 'cancel-all') await loaded(() => compile('cancel').run()).enterCancelAll(argv.slice(1), root)
  // All is written by then; what is left of its threads need not be waited for.
  if (argv[0] === 'scan-secrets') {
    const words = argv.slice(1)
    // git and a second thread get going while the scanner is read.
    const early = loaded(() => require('../dist/early.cjs')).askFast(words)
    if (await loaded(() => compile('scan').run()).runFast(words, root, early)) process.exit()
  }
  require('node:module').enableCompileCache?.()
  const { run } = await import('../dist/main.js').catch(cannotStart)
  await run(argv, root)

  // A clone after npm ci, which runs no scripts here. What there is nothing to build with is said by whoever misses it.
  function buildOnce() {
    const { existsSync } = require('node:fs')
    if (existsSync(join(root, 'dist', '.built')) || !existsSync(join(root, 'src'))) return
    const build = [join(root, 'scripts', 'build.js'), '--if-stale', '--or-skip']
    require('node:child_process').spawnSync(process.execPath, build, { stdio: ['ignore', 2, 2] })
  }

  function loaded(load) {
    try {
      return load()
    } catch (error) {
      return cannotStart(error)
    }
  }

  // Not with 1, which says of a scan that it found a secret.
  function cannotStart(error) {
    const message = `cannot start: ${error.message.split('\n', 1)[0]}`
    const app = 'Until then cancel in the exchange’s app: Orders → Cancel all.'
    const remedy = `This copy is not built, or damaged: run npm ci && npm run build in ${root}.${argv[0] === 'cancel-all' ? ` ${app}` : ''}`
    refuse({ code: 'INTERNAL', message, remedy, exit: 70 })
  }

  function refuse(refusal) {
    process.stderr.write(`mm: ${refusal.message}\n    ${refusal.remedy}\n`)
    if (argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ schemaVersion: 1, type: 'error', ...refusal })}\n`)
    process.exit(refusal.exit)
  }
}

// Node's own compile cache belongs to one user, is empty on the first run and holds no function that was compiled later:
// this bytecode comes with the build (scripts/cancel-cache.js, scripts/scan-cache.js), made after a run. V8 takes it only
// from the same V8 with the same flags; the sums say that it belongs to this very source and is whole. Without it the
// source is compiled, which is slower and nothing else.
function compile(name) {
  const { readFileSync } = require('node:fs')
  const { crc32 } = require('node:zlib')
  const filename = join(root, 'dist', `${name}.cjs`)
  const bytes = readFileSync(filename)
  const source = bytes.latin1Slice()
  const cachedData = bytecode()
  const wrapped = `(function (exports, require, __filename) {${source}\n})`
  const script = new (require('node:vm').Script)(wrapped, { filename, cachedData })
  return { sums, script, run }

  function run() {
    const bundle = {}
    script.runInThisContext()(bundle, require, filename)
    return bundle
  }

  function bytecode() {
    try {
      const file = readFileSync(join(root, 'dist', `${name}.cache`))
      const data = file.subarray(8)
      return sums(data).equals(file.subarray(0, 8)) ? data : undefined
    } catch {
      return undefined
    }
  }

  function sums(data) {
    return Buffer.from(Uint32Array.of(crc32(bytes), crc32(data)).buffer)
  }
}
