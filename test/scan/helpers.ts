/** What the scanner's tests share: scanning a text, a repository in a temporary folder, running the command in this process. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Engine } from '../../src/core/scan/engine.ts'
import { DEFAULTS, type ScanOptions } from '../../src/core/scan/options.ts'
import type { Hit } from '../../src/core/scan/rule.ts'
import { builtInRules } from '../../src/core/scan/rule-set.ts'
import { ALPHABETS, Sampler } from '../../src/core/scan/sample.ts'
import { runScan, type ScanReport } from '../../src/core/scan/scan.ts'

export const NOW_MS = Date.UTC(2026, 10, 22)

export async function newEngine(): Promise<Engine> {
  return new Engine(await builtInRules())
}

export function scanText(engine: Engine, text: string, path = 'notes.txt'): Hit[] {
  const buf = Buffer.from(text, 'latin1')
  return engine.scan({ buf, from: 0, end: buf.length, path, isBinary: false })
}

export function failing(hits: readonly Hit[]): Hit[] {
  return hits.filter(({ tier }) => tier !== 'review')
}

/** A GitHub token that nobody issued; built here so that none stands in our tree. */
export function fakeToken(seed: number): string {
  return `gh${'p_'}${new Sampler(seed).chars(36, ALPHABETS.alnum)}`
}

/** A temporary folder that goes away with the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mm-scan-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function put(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
}

const QUIET = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.org',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.org',
}

export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env: QUIET,
    encoding: 'utf8',
    stdio: 'pipe',
  })
}

export function newRepository(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = tempFolder()
  git(root, 'init', '-q', '-b', 'main')
  put(root, files)
  return root
}

export function commitAll(root: string, message = 'x'): string {
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', message)
  return git(root, 'rev-parse', 'HEAD').trim()
}

export function scanIn(cwd: string, options: Partial<ScanOptions> = {}): Promise<ScanReport> {
  return runScan({ ...DEFAULTS, ...options }, { cwd, nowMs: NOW_MS, elapsedMs: () => 0 })
}

/** Paths of findings that fail, sorted, once each. */
export function failingPaths({ findings }: ScanReport): string[] {
  const paths = findings
    .filter(({ tier, allowed }) => tier !== 'review' && allowed === undefined)
    .map(({ path }) => path)
  return [...new Set(paths)].sort()
}
