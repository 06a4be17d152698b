/** Installs the pre-commit hook: a few lines of shell that start the scanner on the index. Never replaces a hook it did not write. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { git, type Repository } from './git.ts'

const MARK = '# written by mm scan-secrets --install-hook'

/** Returns the path of the hook. `mm` is the command to start, as an absolute path. */
export function installHook({ root, gitDir }: Repository, mm: string): string {
  const path = join(configuredHooks(root) ?? join(gitDir, 'hooks'), 'pre-commit')
  if (existsSync(path) && !readFileSync(path, 'utf8').includes(MARK)) fail('SCAN_HOOK_EXISTS', { path })
  makeFolder(dirname(path))
  writeFileSync(path, script(mm))
  chmodSync(path, 0o755)
  return path
}

/** Our own calls switch hooks off, so the configured folder has to be asked for by name. */
function configuredHooks(root: string): string | undefined {
  const lines = git(root, ['config', '--type=path', '--get-all', 'core.hooksPath'])
    .stdout.toString('utf8')
    .trim()
    .split('\n')
  const configured = lines.filter((line) => line !== '' && line !== '/dev/null').at(-1)
  return configured === undefined ? undefined : configured.startsWith('/') ? configured : join(root, configured)
}

function script(mm: string): string {
  return `#!/bin/sh\n${MARK}\nexec '${mm.replaceAll("'", `'\\''`)}' scan-secrets --staged\n`
}
