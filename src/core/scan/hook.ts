/** Installs the pre-commit hook: a few lines of shell that start the scanner on the index. Never replaces a hook it did not write. */
import { chmodSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, MmError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { reason } from './file-scan.ts'
import { gitSetting, type Repository } from './git.ts'

const MARK = '# written by mm scan-secrets --install-hook'

/** Returns the path of the hook. `mm` is the command to start, as an absolute path. */
export function installHook({ root, gitDir }: Repository, mm: string): string {
  const path = join(configuredHooks(root) ?? join(gitDir, 'hooks'), 'pre-commit')
  const command = `${quoted(mm)} scan-secrets --staged`
  try {
    if (isForeign(path)) fail('SCAN_HOOK_EXISTS', { path, line: `${command} || exit 1` })
    makeFolder(dirname(path))
    writeFileSync(path, script(mm, command))
    chmodSync(path, 0o755)
  } catch (error) {
    if (error instanceof MmError) throw error
    fail('SCAN_HOOK', { path, reason: reason(error) }, error)
  }
  return path
}

/** Anything but a file of exactly our lines, whatever `mm` it starts. */
function isForeign(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return false
  return !stats.isFile() || !OURS.test(readFileSync(path, 'utf8'))
}

const OURS = new RegExp(
  `^#!/bin/sh\\n${MARK}\\n(?:# [^\\n]*\\n)*(?:PATH=[^\\n]*\\n)?(?:\\[ -x [^\\n]*\\n)?exec '[^\\n]*' scan-secrets --staged\\n$`,
)

/** Our own calls switch hooks off, so the configured folder has to be asked for by name. */
function configuredHooks(root: string): string | undefined {
  const configured = gitSetting(root, 'core.hooksPath')
  if (configured === '/dev/null') fail('SCAN_HOOKS_OFF', { path: configured })
  return configured === '' ? undefined : configured.startsWith('/') ? configured : join(root, configured)
}

/** A client with windows starts hooks with a short PATH: what runs us now is found then, too. */
function script(mm: string, command: string): string {
  return `#!/bin/sh
${MARK}
PATH="$PATH":${quoted(dirname(process.execPath))}
[ -x ${quoted(mm)} ] || { echo ${quoted(`mm scan-secrets: ${mm} is gone; install the hook again or delete it`)} >&2; exit 1; }
exec ${command}
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
