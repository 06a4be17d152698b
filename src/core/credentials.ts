/**
 * Where keys may come from, in order: systemd credentials, a file, a command, the environment. Never argv. What is found
 * leaves here as `Secret`, and no error says more than where it was looked for. The emergency key has names of its own.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from './domain/secret.ts'
import { fail, MmError } from './errors.ts'

export interface Credentials {
  readonly apiKey: Secret
  /** hmac: `secret` is the API secret · rsa: `secret` is the private key as PEM. */
  readonly kind: 'hmac' | 'rsa'
  readonly secret: Secret
  /** Where they came from, for people: "systemd", "file /…", "exec", "environment". */
  readonly source: string
}

export interface CredentialSources {
  /** The process environment, or what stands for it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** File with NAME=VALUE lines, the names being those of the environment. */
  readonly file?: string | undefined
  /** Command whose output has such lines: program and arguments, run without a shell. */
  readonly exec?: readonly string[] | undefined
  /** 'emergency' looks for the emergency key first and for the ordinary one after it. */
  readonly purpose?: 'trade' | 'emergency' | undefined
}

type Pairs = Readonly<Record<string, string | undefined>>

const TRADE_NAMES = { key: 'MM_API_KEY', secret: 'MM_API_SECRET', pemFile: 'MM_API_PRIVATE_KEY_FILE' } as const
const EMERGENCY_NAMES = {
  key: 'MM_EMERGENCY_API_KEY',
  secret: 'MM_EMERGENCY_API_SECRET',
  pemFile: 'MM_EMERGENCY_API_PRIVATE_KEY_FILE',
} as const

const EXEC_TIMEOUT_MS = 10_000
const FILE_BYTES_MAX = 64 * 1024

/** The first complete key found; CREDENTIALS_MISSING when there is none. A source that is named but broken is an error. */
export function loadCredentials(sources: CredentialSources): Credentials {
  const found = findCredentials(sources)
  return found ?? fail('CREDENTIALS_MISSING', { names: `${TRADE_NAMES.key} and ${TRADE_NAMES.secret}` })
}

/** As `loadCredentials`, null when no source holds any key. */
export function findCredentials(sources: CredentialSources): Credentials | null {
  const places = [
    { source: 'systemd', pairs: () => systemdPairs(sources.env['CREDENTIALS_DIRECTORY']) },
    { source: `file ${sources.file ?? ''}`, pairs: () => (sources.file ? filePairs(sources.file) : {}) },
    { source: 'exec', pairs: () => (sources.exec?.length ? execPairs(sources.exec) : {}) },
    { source: 'environment', pairs: () => sources.env },
  ]
  if (sources.purpose !== 'emergency') {
    for (const { source, pairs } of places) {
      const credentials = fromPairs(pairs(), TRADE_NAMES, source)
      if (credentials !== null) return credentials
    }
    return null
  }
  // An emergency key anywhere comes before the bot's own in a better place.
  const read = places.map(({ source, pairs }) => ({ source, values: pairs() }))
  for (const names of [EMERGENCY_NAMES, TRADE_NAMES]) {
    for (const { source, values } of read) {
      const credentials = fromPairs(values, names, source)
      if (credentials !== null) return credentials
    }
  }
  return null
}

function fromPairs(pairs: Pairs, names: typeof TRADE_NAMES | typeof EMERGENCY_NAMES, source: string) {
  const key = bare(pairs[names.key])
  if (!key) return null
  const secret = bare(pairs[names.secret])
  const pemFile = pairs[names.pemFile]
  if (secret) return checked({ apiKey: new Secret(key), kind: 'hmac', secret: new Secret(secret), source })
  if (!pemFile) return fail('CREDENTIALS_INCOMPLETE', { source, name: `${names.secret} or ${names.pemFile}` })
  const pem = pemFile.startsWith('-----') ? pemFile : readPrivate(pemFile)
  if (!pem.includes('PRIVATE KEY')) fail('CREDENTIALS_MALFORMED', { source: pemFile, what: 'no PEM private key in it' })
  return checked({ apiKey: new Secret(key), kind: 'rsa', secret: new Secret(pem), source })
}

// A line end that was pasted along, quotes that some file of an environment keeps: no part of any key, and at three in
// the morning no reason to refuse one.
function bare(text: string | undefined): string | undefined {
  return text?.trim().replace(/^(["'])(.*)\1$/, '$2')
}

// A key goes into a header: anything but visible ASCII is a copy-and-paste accident, and worse inside a header.
function checked(credentials: Credentials): Credentials {
  const { apiKey, secret, kind, source } = credentials
  const isBad = !/^[\x21-\x7e]+$/.test(apiKey.reveal()) || (kind === 'hmac' && !/^[\x21-\x7e]+$/.test(secret.reveal()))
  return isBad
    ? fail('CREDENTIALS_MALFORMED', { source, what: 'blanks or control characters in the key' })
    : credentials
}

// systemd names: one credential per file, `LoadCredential=mm-api-key:…`. The directory is private to the service.
function systemdPairs(directory: string | undefined): Pairs {
  if (!directory) return {}
  const pairs: Record<string, string> = {}
  for (const name of [...Object.values(TRADE_NAMES), ...Object.values(EMERGENCY_NAMES)]) {
    const file = join(
      directory,
      name
        .replace(/_FILE$/, '')
        .toLowerCase()
        .replaceAll('_', '-'),
    )
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) pairs[name] = readFileSync(file, 'utf8').trim()
  }
  return pairs
}

function filePairs(file: string): Pairs {
  return parsePairs(readPrivate(file), file)
}

function execPairs(command: readonly string[]): Pairs {
  const [program = '', ...args] = command
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
    // Loaded only here: this file is on the start-up path of the emergency command.
    const output = process.getBuiltinModule('node:child_process').execFileSync(program, args, {
      encoding: 'utf8',
      timeout: EXEC_TIMEOUT_MS,
      stdio,
      maxBuffer: FILE_BYTES_MAX,
    })
    return parsePairs(output, `exec ${program}`)
  } catch (error) {
    if (error instanceof MmError) throw error
    // The error of execFile carries the output: it must not become a cause.
    return fail('CREDENTIALS_EXEC_FAILED', { program })
  }
}

function parsePairs(text: string, source: string): Pairs {
  const pairs: Record<string, string> = {}
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const match = /^(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))$/.exec(line)
    if (match === null) return fail('CREDENTIALS_MALFORMED', { source, what: `line ${index + 1} is not NAME=VALUE` })
    pairs[match[1] ?? ''] = match[2] ?? match[3] ?? match[4] ?? ''
  }
  return pairs
}

/** Text of a file that only its owner, who is us or root, may read. */
function readPrivate(file: string): string {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return fail('CREDENTIALS_UNREADABLE', { file, what: 'not a regular file' })
    if ((stat.mode & 0o077) !== 0) fail('CREDENTIALS_FILE_MODE', { file, mode: (stat.mode & 0o777).toString(8) })
    const uid = process.getuid?.()
    const isForeign = uid !== undefined && stat.uid !== uid && stat.uid !== 0
    if (isForeign) fail('CREDENTIALS_FILE_OWNER', { file, owner: stat.uid })
    if (stat.size > FILE_BYTES_MAX) fail('CREDENTIALS_UNREADABLE', { file, what: 'larger than 64 KiB' })
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof MmError) throw error
    const what = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
    return fail('CREDENTIALS_UNREADABLE', { file, what })
  }
}
