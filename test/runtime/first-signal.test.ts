/**
 * Whoever reads that a process is there may send it a signal in the same moment. Here nobody is quicker: the process sends
 * it to itself from within the very call that announces it, and a handler that is not there yet means death.
 */
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Bench, type Exchange, test } from '../cancel/process.ts'

/** Preloaded: SIGTERM once `ANNOUNCED` is written to a stream, or once a file of that name gets its mode. */
const QUICK = `
const fs = require('node:fs')
const told = new RegExp(process.env.ANNOUNCED)
let isTold = false
const tell = (text) => {
  if (isTold || !told.test(String(text))) return
  isTold = true
  process.kill(process.pid, 'SIGTERM')
}
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  stream.write = (chunk, ...more) => {
    const isTaken = write(chunk, ...more)
    tell(chunk)
    return isTaken
  }
}
const chmod = fs.chmodSync
fs.chmodSync = (path, mode) => {
  chmod(path, mode)
  tell(path)
}
require('node:module').syncBuiltinESMExports()
`

const env = (desk: Bench, announced: string) => ({
  NODE_OPTIONS: `--require=${desk.file('quick.cjs', QUICK)}`,
  ANNOUNCED: announced,
})

const tradeOn = ({ url }: Exchange, state: string): string[] => {
  const quiet = ['--no-ui', '--json', '--metrics', 'off']
  return ['trade', '--exchange-url', url, '--state-dir', state, ...quiet]
}

test('mm exchange: its first line', async ({ desk }) => {
  const { code, stdout } = await desk.mm(['exchange', '--symbols', 'BTCUSDT'], env(desk, '"rest"')).ended
  expect([code, stdout]).toEqual([0, expect.stringContaining('"rest"')])
})

test('mm guard: that it listens', async ({ desk }) => {
  const { code, stdout } = await desk.mm(['guard', '--json', '--state-dir', desk.dir], env(desk, '"listening"')).ended
  expect([code, stdout]).toEqual([0, expect.stringContaining('"listening"')])
})

test('mm trade: its control socket, and nothing was ordered', async ({ desk }) => {
  const exchange = await desk.exchange(['--symbols', 'BTCUSDT'])
  const args = tradeOn(exchange, join(desk.dir, 'state'))
  const { code, stderr } = await desk.mm(args, { ...exchange.key, ...env(desk, 'control\\.sock$') }).ended
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('SIGTERM: cancelling and verifying')
  expect(Object.keys((await exchange.truth()).requests).filter((name) => name.includes('create'))).toEqual([])
})

test('mm trade: that its guard is armed; the guard then rests', async ({ desk }) => {
  const exchange = await desk.exchange(['--symbols', 'BTCUSDT'])
  const socket = join(desk.dir, 'guard.sock')
  const guard = desk.mm(['guard', '--json', '--ttl', '10m', '--socket', socket], exchange.key)
  await guard.out.json((line: { type?: string }) => line.type === 'listening')
  const args = [...tradeOn(exchange, join(desk.dir, 'state')), '--guard', socket]
  const { code, stderr } = await desk.mm(args, { ...exchange.key, ...env(desk, 'the guard is armed') }).ended
  expect(code, stderr).toBe(0)
  const next = await guard.out.json((line: { type?: string }) => line.type === 'idle' || line.type === 'firing')
  expect(next).toMatchObject({ type: 'idle' })
})

test('mm trade: its last words, after an end that was in order', async ({ desk }) => {
  const exchange = await desk.exchange(['--symbols', 'BTCUSDT'])
  const args = [...tradeOn(exchange, join(desk.dir, 'state')), '--duration', '1s'].filter((flag) => flag !== '--json')
  const { code, stderr } = await desk.mm(args, { ...exchange.key, ...env(desk, 'open orders at the end') }).ended
  expect(code, stderr).toBe(0)
})
