/** Names of files that are commands, markup or escape sequences: in no format more than a name. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { XMLParser } from 'fast-xml-parser'
import { beforeEach, describe, expect, test } from 'vitest'
import { FORMATS } from '../../src/core/scan/options.ts'
import { render } from '../../src/core/scan/render.ts'
import type { ScanReport } from '../../src/core/scan/scan.ts'
import { fakeToken, newRepository, scanIn, tempFolder } from './helpers.ts'

const NAMES = [
  '::error file=x::pwn',
  '  ::stop-commands::z',
  '##[add-mask]a',
  'a\n::error::b',
  '\r::error::cr',
  '\u001b[2Jesc',
  '\u009b31m',
  'bidi\u202etxt.exe',
  'line\u2028separator',
  'not a character \ufffe',
  '<![CDATA[',
  ']]>&"\'.txt',
  '%0A::warning::x',
  'a,title=b:c',
  'tab\tx',
  'C:\\x',
]

describe('in every format', () => {
  let report: ScanReport
  beforeEach(async () => {
    const root = newRepository(Object.fromEntries(NAMES.map((name, i) => [name, `t = '${fakeToken(180 + i)}'\n`])))
    report = await scanIn(root)
    for (const name of NAMES) report.coverage.miss(name, `cannot: ${name}`)
  })

  test.each([...FORMATS])('%s holds no control character and no value', (format) => {
    const out = render(report, format, '0')
    expect(report.findings.length).toBe(NAMES.length)
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/)
    for (const i of NAMES.keys()) expect(out).not.toContain(fakeToken(180 + i).slice(4))
  })

  test('text starts no workflow command', () => {
    const out = render(report, 'text', '0')
    expect(out).not.toContain('##[')
    expect(out.split('\n').filter((line) => line.trimStart().startsWith('::'))).toEqual([])
  })

  test('annotations are ours, one for each finding and each file not read', () => {
    const lines = render(report, 'github', '0')
      .split('\n')
      .filter((line) => line.trimStart().startsWith('::'))
    expect(lines.length).toBe(2 * NAMES.length)
    for (const line of lines) expect(line).toMatch(/^::(?:error|notice) (?:[a-z]+=[^,:\n]*,?)+::/)
  })

  test('JSON and SARIF give the names back, JUnit is XML', () => {
    const json: { readonly findings: readonly { readonly path: string }[] } = JSON.parse(render(report, 'json', '0'))
    expect(json.findings.map(({ path }) => path).sort()).toEqual([...NAMES].sort())
    const sarif = render(report, 'sarif', '0')
    const uris = [...sarif.matchAll(/"uri": "([^"]*)"/g)].map(([, uri = '']) => decodeURIComponent(uri))
    expect(uris.sort()).toEqual([...NAMES].sort())
    expect(() => new XMLParser().parse(render(report, 'junit', '0'), true)).not.toThrow()
  })
})

test('a folder that is gone is said so, not called an answer', () => {
  const mm = fileURLToPath(new URL('../../bin/mm', import.meta.url))
  const gone = join(tempFolder(), 'gone')
  mkdirSync(gone)
  const script = `rmdir "$PWD" && exec '${mm}' scan-secrets`
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: gone, encoding: 'utf8' })
  rmSync(gone, { recursive: true, force: true })
  expect([status, stderr]).toEqual([3, expect.stringContaining('cannot tell which folder this is')])
})
