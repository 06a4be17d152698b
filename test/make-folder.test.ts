/** Folders one level at a time, sync and on the thread pool alike. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeFolder, makeFolderSoon } from '../src/core/make-folder.ts'

const base = mkdtempSync(join(tmpdir(), 'mm-folder-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const KINDS = [
  { kind: 'sync', make: async (path: string, mode?: number) => makeFolder(path, mode) },
  { kind: 'thread pool', make: makeFolderSoon },
]

describe.each(KINDS)('$kind', ({ kind, make }) => {
  test('makes what is missing, with the mode, and is content with what is there', async () => {
    const path = join(base, kind, 'a', 'b')
    await make(path, 0o700)
    await make(path, 0o700)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  test('a file in its place is an error', async () => {
    const path = join(base, `${kind} file`)
    writeFileSync(path, '')
    await expect(make(path)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(make(join(path, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  test('below a file system that makes no folders it ends', async () => {
    await expect(make('/proc/no/such/folder')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('nothing of ours lets Node make folders recursively: below /proc it would try for ever', () => {
  const root = join(import.meta.dirname, '..', 'src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const loops = files.filter((name) => /mkdir[^\n]*recursive: true/.test(readFileSync(join(root, name), 'utf8')))
  expect([files.length > 100, loops]).toEqual([true, []])
})
