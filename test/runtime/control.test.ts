/** The control socket: private, line by line, and impossible to wedge by a bad client. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askHalt } from '../../src/core/cancel/halt-call.ts'
import { type Control, controlPath, openControl } from '../../src/core/runtime/control.ts'
import { callBot } from '../../src/core/runtime/control-client.ts'
import type { ControlLine, LiveView } from '../../src/core/runtime/live-view.ts'
import { viewOf } from './view-sample.ts'

let dir: string
let control: Control
let commands: [string, string][]
let views: number

const live = (): LiveView => ({ view: viewOf(), run: { venue: 'paper', epoch: `v${++views}` } as LiveView['run'] })

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mm-control-'))
  commands = []
  views = 0
  control = await openControl(dir, {
    view: live,
    command: (op, reason) => {
      commands.push([op, reason])
      return op === 'halt' ? { maxSignedMs: 17, windowMs: 1_000, inFlight: 2 } : { phase: 'paused' }
    },
    reload: () => ({ reloaded: false, reasons: ['a limit never rises'] }),
  })
})

afterEach(async () => {
  await control.close()
  rmSync(dir, { recursive: true, force: true })
})

async function ask(call: Parameters<typeof callBot>[1]): Promise<ControlLine[]> {
  const lines: ControlLine[] = []
  await callBot(dir, call, (line) => {
    lines.push(line)
    return false
  })
  return lines
}

test('only its owner may connect', () => {
  expect(statSync(control.path).mode & 0o777).toBe(0o600)
})

test('status is one view, commands become operator events', async () => {
  expect(await ask({ op: 'status' })).toMatchObject([{ type: 'view', view: { phase: 'quoting' } }])
  expect(await ask({ op: 'pause', reason: 'lunch' })).toEqual([{ type: 'done', ok: true, phase: 'paused' }])
  expect(await ask({ op: 'resume' })).toHaveLength(1)
  expect(commands).toEqual([
    ['pause', 'lunch'],
    ['resume', 'control socket'],
  ])
})

test('the emergency path understands the answer to halt', async () => {
  expect(await askHalt(control.path, 5_000)).toEqual({ maxSignedMs: 17, windowMs: 1_000, inFlight: 2 })
  expect(commands).toEqual([['halt', 'cancel-all']])
})

test('a watcher gets views until it leaves, and nobody makes views after that', async () => {
  const epochs: string[] = []
  await callBot(dir, { op: 'watch' }, (line) => {
    if (line.type === 'view') epochs.push(line.run.epoch)
    return epochs.length < 3
  })
  expect(epochs).toEqual(['v1', 'v2', 'v3'])
})

test.each(['{', '[]', 'null', '{"op":"rm"}', '{"op":1}', '\u0000', ''])(
  '%j is answered with an error',
  async (text) => {
    const reply = await new Promise<string>((resolve) => {
      const socket = connect(control.path, () => socket.write(`${text}\n`))
      socket.once('data', (chunk) => {
        resolve(String(chunk))
        socket.destroy()
      })
    })
    expect(JSON.parse(reply)).toMatchObject({ type: 'error', ok: false })
    expect(await ask({ op: 'status' })).toHaveLength(1)
  },
)

test('a line without end is cut off, the others are served', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(control.path, () => socket.write('x'.repeat(200_000)))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
  expect(await ask({ op: 'status' })).toHaveLength(1)
})

test('a bot that hangs is said to hang; where none is, a halt is named', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'mm-control-'))
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(join(elsewhere, 'control.sock'), resolve))
  const asked = callBot(elsewhere, { op: 'status' }, () => false, 50)
  await expect(asked).rejects.toMatchObject({ code: 'BOT_SILENT', exit: 3 })
  silent.close()
  writeFileSync(join(elsewhere, 'HALT'), '{}')
  await expect(callBot(elsewhere, { op: 'status' }, () => false)).rejects.toThrow('HALT latch counts as set')
  rmSync(elsewhere, { recursive: true })
})

test('a path too long for a socket is moved to a private folder', async () => {
  const deep = join(dir, 'd'.repeat(120))
  expect(controlPath(deep)).toContain(tmpdir())
  const other = await openControl(deep, { view: live, command: () => ({}), reload: () => ({}) })
  expect(statSync(other.path).mode & 0o777).toBe(0o600)
  await other.close()
})

test('a stale socket file is replaced; no bot is an error for people', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'mm-control-'))
  writeFileSync(join(elsewhere, 'control.sock'), '')
  await expect(callBot(elsewhere, { op: 'status' }, () => false)).rejects.toMatchObject({ code: 'NO_BOT', exit: 3 })
  const other = await openControl(elsewhere, { view: live, command: () => ({}), reload: () => ({}) })
  await callBot(elsewhere, { op: 'status' }, () => false)
  await other.close()
  rmSync(elsewhere, { recursive: true })
})

test('a reload is answered with what became of it', async () => {
  expect(await ask({ op: 'reload' })).toEqual([
    { type: 'done', ok: true, reloaded: false, reasons: ['a limit never rises'] },
  ])
})
