/** Where keys come from: order of sources, file modes, and that nothing of a key shows in an error. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findCredentials, loadCredentials } from '../src/core/credentials.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mm-credentials-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

// Built from parts: no secret-looking literal stands in the tree.
const SECRET = ['very', 'well', 'hidden'].join('')
const lines = (key: string): string => `MM_API_KEY=${key}\nMM_API_SECRET=${SECRET}\n`

function write(name: string, text: string, mode = 0o600): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

describe('sources', () => {
  test('systemd comes first, then file, then command, then environment', () => {
    const systemd = join(folder, 'creds')
    mkdirSync(systemd)
    writeFileSync(join(systemd, 'mm-api-key'), 'fromSystemd\n')
    writeFileSync(join(systemd, 'mm-api-secret'), SECRET)
    const file = write('keys', lines('fromFile'))
    const exec = ['printf', '%s', lines('fromExec')]
    const env = { MM_API_KEY: 'fromEnv', MM_API_SECRET: SECRET }
    const key = (sources: Parameters<typeof findCredentials>[0]) => findCredentials(sources)?.apiKey.reveal()
    expect(key({ env: { ...env, CREDENTIALS_DIRECTORY: systemd }, file, exec })).toBe('fromSystemd')
    expect(key({ env, file, exec })).toBe('fromFile')
    expect(key({ env, exec })).toBe('fromExec')
    expect(key({ env })).toBe('fromEnv')
    expect(key({ env: {} })).toBeUndefined()
  })

  test('the emergency key is used for emergencies only, with the ordinary one behind it', () => {
    const emergency = { MM_EMERGENCY_API_KEY: 'red', MM_EMERGENCY_API_SECRET: SECRET }
    const ordinary = { MM_API_KEY: 'blue', MM_API_SECRET: SECRET }
    const key = (env: Record<string, string>, purpose: 'trade' | 'emergency') =>
      findCredentials({ env, purpose })?.apiKey.reveal()
    expect(key({ ...emergency, ...ordinary }, 'emergency')).toBe('red')
    expect(key(ordinary, 'emergency')).toBe('blue')
    expect(key({ ...emergency, ...ordinary }, 'trade')).toBe('blue')
    expect(key(emergency, 'trade')).toBeUndefined()
    // Wherever it is: the bot's key in a better place does not hide it.
    const file = write('keys', lines('green'))
    expect(findCredentials({ env: emergency, file, purpose: 'emergency' })?.apiKey.reveal()).toBe('red')
  })

  test('an RSA key is read from its file, whose mode counts too', () => {
    const header = ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' ')
    const pem = write('key.pem', `${header}\nabc\n`)
    const env = { MM_API_KEY: 'k', MM_API_PRIVATE_KEY_FILE: pem }
    expect(loadCredentials({ env })).toMatchObject({ kind: 'rsa', source: 'environment' })
    chmodSync(pem, 0o644)
    expect(() => loadCredentials({ env })).toThrow(expect.objectContaining({ code: 'CREDENTIALS_FILE_MODE' }))
  })

  test('quotes, comments and export are understood', () => {
    const file = write('keys', `# my key\nexport MM_API_KEY="a"\n\nMM_API_SECRET='${SECRET}'\r\n`)
    expect(loadCredentials({ env: {}, file }).secret.reveal()).toBe(SECRET)
  })
})

describe('refusals', () => {
  test.each([0o640, 0o604, 0o660, 0o644, 0o777])('mode %o is refused', (mode) => {
    const file = write('keys', lines('k'), mode)
    expect(() => loadCredentials({ env: {}, file })).toThrow(expect.objectContaining({ code: 'CREDENTIALS_FILE_MODE' }))
  })

  test.each([0o600, 0o400])('mode %o is accepted', (mode) => {
    const file = write('keys', lines('k'), mode)
    expect(loadCredentials({ env: {}, file }).apiKey.reveal()).toBe('k')
  })

  test.each([
    ['missing file', () => ({ file: join(folder, 'none') }), 'CREDENTIALS_UNREADABLE'],
    ['a folder', () => ({ file: folder }), 'CREDENTIALS_UNREADABLE'],
    ['a huge file', () => ({ file: write('big', '#'.repeat(70_000)) }), 'CREDENTIALS_UNREADABLE'],
    ['no NAME=VALUE', () => ({ file: write('bad', `${SECRET}\n`) }), 'CREDENTIALS_MALFORMED'],
    [
      'blanks in the key',
      () => ({ file: write('bad', `MM_API_KEY="a b"\nMM_API_SECRET=${SECRET}`) }),
      'CREDENTIALS_MALFORMED',
    ],
    [
      'no PEM in the PEM file',
      () => ({ file: write('k', `MM_API_KEY=k\nMM_API_PRIVATE_KEY_FILE=${write('pem', SECRET)}`) }),
      'CREDENTIALS_MALFORMED',
    ],
    ['key without secret', () => ({ file: write('half', 'MM_API_KEY=k\n') }), 'CREDENTIALS_INCOMPLETE'],
    ['failing command', () => ({ exec: ['sh', '-c', `echo ${lines('k')}; exit 1`] }), 'CREDENTIALS_EXEC_FAILED'],
    ['no such command', () => ({ exec: [join(folder, 'none')] }), 'CREDENTIALS_EXEC_FAILED'],
    ['nothing anywhere', () => ({}), 'CREDENTIALS_MISSING'],
  ])('%s', (_, sources, code) => {
    const attempt = () => loadCredentials({ env: {}, ...sources() })
    expect(attempt).toThrow(expect.objectContaining({ code }))
    try {
      attempt()
    } catch (error) {
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET)
    }
  })

  test.each(['k\n', ' k', '"k"', "'k' ", '\tk\r\n'])(
    'what was pasted along with a key is no part of it: %j',
    (text) => {
      const { apiKey, secret } = loadCredentials({ env: { MM_API_KEY: text, MM_API_SECRET: `"${SECRET}"\n` } })
      expect([apiKey.reveal(), secret.reveal()]).toEqual(['k', SECRET])
    },
  )

  test.each(['k\nk', 'k k', 'k\u0000'])('a key that is none is refused: %j', (text) => {
    const env = { MM_API_KEY: text, MM_API_SECRET: SECRET }
    expect(() => loadCredentials({ env })).toThrow(expect.objectContaining({ code: 'CREDENTIALS_MALFORMED' }))
  })

  test('a broken source is an error even where another would do', () => {
    const env = { MM_API_KEY: 'k', MM_API_SECRET: SECRET }
    expect(() => loadCredentials({ env, file: write('keys', lines('k'), 0o644) })).toThrow()
  })

  test('credentials print as secrets', () => {
    const credentials = loadCredentials({ env: { MM_API_KEY: 'thekey', MM_API_SECRET: SECRET } })
    expect(inspect(credentials) + JSON.stringify(credentials)).not.toMatch(new RegExp(`${SECRET}|thekey`))
  })
})
