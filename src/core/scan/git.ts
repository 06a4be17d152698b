/**
 * Every call of git, hardened: a hostile repository must not run a program, fetch an object or page a screen through us.
 * Arguments after `--`, NUL-separated output, no optional locks. Hook variables such as GIT_INDEX_FILE are kept.
 */
import type * as ChildProcesses from 'node:child_process'
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratchFile } from './scratch-file.ts'

const HARD: readonly string[] = [
  '--no-pager',
  '--no-replace-objects',
  ...[
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.pager=cat',
    'core.sshCommand=false',
    'core.gitProxy=false',
    'core.alternateRefsCommand=false',
    // Its file may claim that commits have no parents.
    'core.commitGraph=false',
    'core.untrackedCache=false',
    'diff.external=',
    'diff.trustExitCode=false',
    'credential.helper=',
    'protocol.allow=never',
    'submodule.recurse=false',
    'log.showSignature=false',
    'gc.auto=0',
  ].flatMap((setting) => ['-c', setting]),
]

/** Variables that name one repository, as `git rev-parse --local-env-vars` lists them: of no use for another. */
const LOCAL =
  /^GIT_(?:DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|SHALLOW_FILE|NAMESPACE|INTERNAL_SUPER_PREFIX)$/
const UNWANTED = /^GIT_(?:TRACE|EXTERNAL_DIFF|SSH|PAGER|EDITOR|ASKPASS|PROXY|(?:LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS)/

function hardEnv(isNested: boolean): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (!UNWANTED.test(name) && !(isNested && LOCAL.test(name))) env[name] = value
  }
  env['GIT_OPTIONAL_LOCKS'] = '0'
  env['GIT_NO_LAZY_FETCH'] = '1'
  // Where git is too old for that. Unlike `protocol.allow` no setting of the repository overrules it.
  env['GIT_ALLOW_PROTOCOL'] = ''
  // Grafts cut commits off their history; a file below a device is never there.
  env['GIT_GRAFT_FILE'] = '/dev/null/none'
  env['GIT_TERMINAL_PROMPT'] = '0'
  env['LC_ALL'] = 'C'
  return env
}

export interface GitAnswer {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

const OUTPUT_MAX = 1 << 30
/** Characters kept of what git complains about. */
const STDERR_MAX = 4000

/** Runs git in `cwd` and waits. A missing git binary is status null. */
export function git(cwd: string, args: readonly string[], input?: Buffer): GitAnswer {
  const done = processes().spawnSync('git', [...HARD, ...args], {
    cwd,
    env: hardEnv(false),
    maxBuffer: OUTPUT_MAX,
    windowsHide: true,
    ...(input !== undefined && { input }),
  })
  return {
    status: done.status,
    stdout: done.stdout ?? Buffer.alloc(0),
    stderr: String(done.stderr ?? done.error?.message ?? ''),
  }
}

/** Starts git with pipes. */
export function gitProcess(cwd: string, args: readonly string[]): ChildProcesses.ChildProcess {
  return started(cwd, args, { stdio: ['pipe', 'pipe', 'pipe'], isNested: false })
}

interface Start {
  /** A pipe nobody writes to costs a tenth of a start. */
  readonly stdio: readonly ['pipe' | 'ignore', 'pipe' | number, 'pipe' | number]
  /** In a repository inside the one that variables such as GIT_DIR may name. */
  readonly isNested: boolean
}

function started(cwd: string, args: readonly string[], { stdio, isNested }: Start): ChildProcesses.ChildProcess {
  return processes().spawn('git', [...HARD, ...args], {
    cwd,
    env: hardEnv(isNested),
    stdio: [...stdio],
    windowsHide: true,
  })
}

/** Loaded when git is first needed: a thread that only scans is ready a tenth earlier without. */
function processes(): typeof ChildProcesses {
  return process.getBuiltinModule('node:child_process')
}

/**
 * Runs git beside us: its answer is awaited while our own modules load. It writes to files, because a pipe is full after
 * a few thousand lines and git then waits until our thread has time to read. `isNested` as above.
 */
export async function gitLater(cwd: string, args: readonly string[], isNested = false): Promise<GitAnswer> {
  const answer = await intoFiles(cwd, args, isNested)
  return answer ?? intoPipes(cwd, args, isNested)
}

/** Nothing where there is no room for files. */
async function intoFiles(cwd: string, args: readonly string[], isNested: boolean): Promise<GitAnswer | undefined> {
  const stdout = scratchFile()
  const stderr = scratchFile()
  try {
    if (stdout === undefined || stderr === undefined) return undefined
    const child = started(cwd, args, { stdio: ['ignore', stdout.fd, stderr.fd], isNested })
    const status = await new Promise<number | null | Error>((resolve) => {
      child.on('error', resolve)
      child.on('close', resolve)
    })
    if (status instanceof Error) return { status: null, stdout: Buffer.alloc(0), stderr: status.message }
    const said = stderr.read().toString('utf8', 0, STDERR_MAX)
    // It ended without a reason, or for one that is the files' own.
    if (status === null || (status !== 0 && /^\s*$|No space left|quota exceeded|write (?:error|failure)/.test(said)))
      return undefined
    return { status, stdout: stdout.read(), stderr: said }
  } finally {
    stdout?.close()
    stderr?.close()
  }
}

async function intoPipes(cwd: string, args: readonly string[], isNested: boolean): Promise<GitAnswer> {
  const child = started(cwd, args, { stdio: ['ignore', 'pipe', 'pipe'], isNested })
  const parts: Buffer[] = []
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => parts.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < STDERR_MAX) stderr += chunk.toString('utf8')
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: null, stdout: Buffer.alloc(0), stderr: error.message }))
    child.on('close', (status) => resolve({ status, stdout: Buffer.concat(parts), stderr }))
  })
}

/** A path of the configuration that our own calls overrule; empty when it is not set. */
export function gitSetting(cwd: string, name: string): string {
  const done = processes().spawnSync('git', ['--no-pager', 'config', '--type=path', '--get', name], {
    cwd,
    env: hardEnv(false),
  })
  return String(done.stdout ?? '').replace(/\n$/, '')
}

export interface Repository {
  /** Working tree root; the git directory of a bare repository. */
  readonly root: string
  readonly gitDir: string
  readonly isBare: boolean
  readonly isShallow: boolean
}

export type RepositoryAnswer = { readonly found: Repository } | { readonly reason: string }

/** The repository `cwd` lies in, or why there is none to be had. */
export async function findRepository(cwd: string): Promise<RepositoryAnswer> {
  const flags = ['--is-bare-repository', '--is-shallow-repository', '--git-common-dir', '--show-toplevel']
  const full = await gitLater(cwd, ['rev-parse', '--path-format=absolute', ...flags])
  if (full.status === null) return { reason: NOT_INSTALLED }
  // A bare repository has no top level: git answers the first three and fails.
  const lines = full.stdout.toString('utf8').split('\n')
  if (lines[0]?.startsWith('--') === true) return { reason: 'git is older than 2.31' }
  const [bare, shallow, gitDir = '', top = ''] = lines
  if (gitDir === '' || (full.status !== 0 && bare !== 'true')) return { reason: reasonOf(full.stderr) }
  const isBare = bare === 'true'
  // `core.worktree` and GIT_WORK_TREE can point anywhere: scanning there would say clean of what was never read.
  if (!isBare && !isInside(realpathSync(cwd), top)) return { reason: `git says that the working tree is ${top}` }
  return { found: { root: isBare ? gitDir : top, gitDir, isBare, isShallow: shallow === 'true' } }
}

export const NOT_INSTALLED = 'git is not installed'

/** `path` is `root` or lies below it. */
export function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`)
}

function reasonOf(stderr: string): string {
  if (stderr.includes('dubious ownership')) return 'git refuses the repository: it belongs to another user'
  if (stderr.includes('not a git repository')) return 'no git repository'
  const said = /^(?:fatal|error): (.*)$/m.exec(stderr)?.[1] ?? 'it says nothing'
  return `git cannot open a repository here: ${said.slice(0, 200)}`
}

/** Whether a repository should be here: something calls itself `.git` in `cwd` or above, or the environment names one. */
export function shouldBeRepository(cwd: string): boolean {
  return process.env['GIT_DIR'] !== undefined || nearestGit(cwd) !== undefined
}

/** What calls itself `.git` in `cwd` or the nearest folder above; nobody has asked git about it. */
export function nearestGit(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.git')
    if (isThere(path)) return path
    if (folder === dirname(folder)) return undefined
  }
}

/** What may not be looked at may be there. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

/** Splits NUL-separated output. */
export function splitNul(bytes: Buffer): Buffer[] {
  const out: Buffer[] = []
  let start = 0
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, start)) {
    if (at > start) out.push(bytes.subarray(start, at))
    start = at + 1
  }
  return out
}

/** What `ls-files --stage` says of one path. */
export interface IndexEntry {
  readonly mode: string
  readonly oid: string
  readonly path: Buffer
}

/** Mode of a submodule. */
export const GITLINK = '160000'

/** Parses `ls-files -z --stage`: `mode oid stage` TAB path NUL. */
export function* indexEntries(bytes: Buffer): Generator<IndexEntry> {
  for (const entry of splitNul(bytes)) {
    const [mode = '', oid = ''] = entry.toString('latin1', 0, 80).split(' ')
    yield { mode, oid, path: entry.subarray(entry.indexOf(0x09) + 1) }
  }
}
