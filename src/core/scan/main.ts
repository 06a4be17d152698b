/**
 * `mm scan-secrets` from parsed options to exit code, shared by the fast path and the oclif command. Writes the report, sets
 * the exit code, and prints nothing else.
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errorText, refusalLine, refusalOf } from '../error-document.ts'
import { EXIT, fail } from '../errors.ts'
import { plainText } from '../plain-text.ts'
import { workingFolder } from '../working-folder.ts'
import type { Early } from './early.ts'
import { reason } from './file-scan.ts'
import { type ScanOptions, parseFast } from './options.ts'
import { render } from './render.ts'
import { runScan } from './scan.ts'

/** Runs the command when the fast parser understands `argv`; false leaves it to oclif. `early`: what bin/run.js asked for it. */
export async function runFast(argv: readonly string[], root: string, early?: Early): Promise<boolean> {
  const options = parseFast(argv)
  if (options === undefined) return false
  try {
    process.exitCode = await scanCommand(options, root, early)
  } catch (error) {
    // Whatever it is: 1 would say that a secret was found.
    const refusal = refusalOf(error)
    process.stderr.write(`${errorText(error)}\n`)
    process.exitCode = refusal.exit
    try {
      if (options.format === 'json') writeAll(refusalLine(refusal))
    } catch {
      // It may be the very thing that cannot be written.
    }
  }
  return true
}

/** Runs a scan and returns the exit code. `root` is the package directory. */
export async function scanCommand(options: ScanOptions, root: string, early?: Early): Promise<number> {
  if (options.explain !== undefined) return explain(options.explain)
  if (options.installHook) return install(root)
  // The clock that needs no module of its own: this is a commit hook.
  const started = process.hrtime.bigint()
  const report = await runScan(options, {
    cwd: workingFolder(),
    nowMs: Date.now(),
    elapsedMs: () => Number(process.hrtime.bigint() - started) / 1e6,
    early,
  })
  const text = render(report, options.format, versionOf(root))
  if (options.output === undefined) writeAll(text)
  else writeOutput(options.output, text)
  return report.exit
}

async function explain(id: string): Promise<number> {
  const { builtInRules } = await import('./rule-set.ts')
  const { rules, byId } = await builtInRules()
  if (id === 'list') {
    writeAll(rules.map((rule) => `${rule.id}  ${rule.title}\n`).join(''))
    return EXIT.ok
  }
  const rule = byId.get(id) ?? fail('SCAN_RULE_UNKNOWN', { id })
  const { ruleText } = await import('./rule-text.ts')
  writeAll(ruleText(rule))
  return EXIT.ok
}

async function install(root: string): Promise<number> {
  const [{ findRepository }, { installHook }] = await Promise.all([import('./git.ts'), import('./hook.ts')])
  const answer = await findRepository(workingFolder())
  if ('reason' in answer) return fail('SCAN_NO_REPOSITORY', { why: answer.reason })
  writeAll(`${plainText(installHook(answer.found, join(root, 'bin', 'mm')))}\n`)
  return EXIT.ok
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version
}

/** A report in a file never changes the exit code. */
function writeOutput(path: string, text: string): void {
  try {
    writeFileSync(resolve(path), text)
  } catch (error) {
    fail('SCAN_OUTPUT', { path, reason: reason(error) })
  }
}

/** Writes synchronously, also into a pipe that is full for a moment. */
function writeAll(text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      // The reader has what it wanted: the answer is in the exit code.
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') fail('OUTPUT_WRITE', { stream: 'stdout', reason: reason(error) }, error)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
  }
}
