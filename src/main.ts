/**
 * Decides what to load: `--version` or a plain `validate-config` need next to nothing, everything else goes through oclif.
 * `cancel-all` and a plain `scan-secrets` do not come this far: bin/run.js starts them.
 * Must stay import-free at the top.
 */

/** Runs `mm` with `argv` (without node and script); `root` is the package directory. */
export async function run(argv: readonly string[], root: string): Promise<void> {
  outliveReaders()
  if (argv.length === 1 && argv[0] === '--version') return printVersion(root)
  if (argv[0] === 'validate-config') {
    const { runFast } = await import('./core/runtime/validate-config.ts')
    if (await runFast(argv.slice(1), root)) return
  }
  const { runOclif } = await import('./oclif.ts')
  // Again: oclif has brought a listener that throws.
  outliveReaders()
  await runOclif(argv, root)
}

const UNKNOWN = 3

/**
 * A reader that goes away (`mm … | head`) changes nothing: the answer is in the exit code. Output that cannot be written
 * (a full disk) ends nothing either, but a success becomes exit 3: nobody may believe half a document.
 */
function outliveReaders(): void {
  process.stderr.removeAllListeners('error').on('error', () => undefined)
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    const remedy = 'Free space where it goes, or send it elsewhere: > FILE on another disk, or a pipe.'
    process.stderr.write(`mm: cannot write standard output: ${error.message}\n    ${remedy}\n`)
    process.once('exit', (code) => {
      if (code === 0) process.exitCode = UNKNOWN
    })
  })
}

async function printVersion(root: string): Promise<void> {
  const { readFileSync } = await import('node:fs')
  const { name, version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as Record<string, string>
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-v${process.versions.node}\n`)
}
