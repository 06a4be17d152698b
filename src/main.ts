/**
 * Decides what to load: `--version`, a plain `scan-secrets` or `validate-config` need next to nothing, everything else
 * goes through oclif. `cancel-all` does not come this far: bin/run.js starts it.
 * Must stay import-free at the top.
 */

/** Runs `mm` with `argv` (without node and script); `root` is the package directory. */
export async function run(argv: readonly string[], root: string): Promise<void> {
  if (argv.length === 1 && argv[0] === '--version') return printVersion(root)
  if (argv[0] === 'scan-secrets') {
    const { runFast } = await import('./core/scan/main.ts')
    if (await runFast(argv.slice(1), root)) return
  }
  if (argv[0] === 'validate-config') {
    const { runFast } = await import('./core/runtime/validate-config.ts')
    if (await runFast(argv.slice(1), root)) return
  }
  const { runOclif } = await import('./oclif.ts')
  await runOclif(argv, root)
}

async function printVersion(root: string): Promise<void> {
  const { readFileSync } = await import('node:fs')
  const { name, version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as Record<string, string>
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-v${process.versions.node}\n`)
}
