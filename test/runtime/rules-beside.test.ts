/** The scanner's rules are loaded beside the first steps of a run, and no line of the log goes out before they are there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from '../../src/core/runtime/log.ts'
import { Redactor } from '../../src/core/runtime/redact.ts'
import { loadMatcher } from '../../src/core/scan/match.ts'
import { begin, ROOT } from '../cancel/process.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mm-rules-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a line that was logged before the rules were loaded is cleaned by them', async () => {
  const redactor = new Redactor()
  const file = join(dir, 'log')
  const rules = Promise.withResolvers<void>()
  const { log, close } = openLog({ level: 'info', redactor, file, redactorReady: rules.promise })
  const token = `ghp_${['wWPw5k4aXcaT', '4fNP0UcnZwJUVFk6LO', '0pINUx'].join('')}`
  log.info(`early ${token}`)
  expect(readFileSync(file, 'utf8')).toBe('')
  redactor.recognise(await loadMatcher())
  rules.resolve()
  log.info(`late ${token}`)
  await close()
  const text = readFileSync(file, 'utf8')
  expect(text.match(/(?:early|late) \[secret\]/g)).toEqual(['early [secret]', 'late [secret]'])
})

// The rules arrive only once the exchange was asked: a run that waits for them first never comes to that.
test('mm trade asks the exchange while the rules are being loaded', async () => {
  const heard = join(dir, 'heard')
  const exchange = createServer((_request, response) => {
    writeFileSync(heard, '')
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => exchange.listen(0, '127.0.0.1', resolve))
  const { port } = exchange.address() as AddressInfo
  const wait = `while (!existsSync(${JSON.stringify(heard)})) await new Promise((next) => setTimeout(next, 5))`
  const hook = join(dir, 'hook.mjs')
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
     registerHooks({ load(url, context, next) {
       const loaded = next(url, context)
       if (!url.endsWith('/scan/rule-set.js')) return loaded
       const first = ${JSON.stringify(`import { existsSync } from 'node:fs'\n${wait}\n`)}
       return { ...loaded, source: first + loaded.source }
     } })`,
  )
  const args = ['trade', '--exchange-url', `http://127.0.0.1:${port}`, '--metrics', 'off', '--no-ui']
  const env = { PATH: process.env['PATH'] ?? '', XDG_STATE_HOME: dir, MM_API_KEY: 'aKey', MM_API_SECRET: 'aWord' }
  const run = begin(process.execPath, ['--import', hook, 'bin/run.js', ...args], { cwd: ROOT, env })
  const { code } = await run.ended
  exchange.close()
  expect(code).not.toBe(0)
  expect(readFileSync(heard, 'utf8')).toBe('')
})
