/**
 * A real `mm exchange` process behind a recorder: what clients are pointed at, and what is asserted about everything it
 * said to them. Needs dist/ (npm run conformance builds it).
 */
import { expect } from 'vitest'
import { Bench, type Truth } from '../cancel/process.ts'
import { Recorder } from './recorder.ts'
import { messageFaults, replyFaults } from './v5-shape.ts'

export interface Venue {
  readonly rest: string
  readonly ws: string
  readonly key: string
  readonly secret: string
  readonly recorder: Recorder
  truth(): Promise<Truth>
  close(): Promise<void>
}

export async function openVenue(args: readonly string[] = ['--seed', '7', '--tier', 'unlimited']): Promise<Venue> {
  const bench = new Bench()
  const { url, key, truth } = await bench.exchange(args)
  const recorder = await Recorder.open(Number(new URL(url).port))
  return {
    rest: `http://127.0.0.1:${recorder.port}`,
    ws: `ws://127.0.0.1:${recorder.port}`,
    key: key['MM_API_KEY'] ?? '',
    secret: key['MM_API_SECRET'] ?? '',
    recorder,
    truth,
    async close() {
      await recorder.close()
      await bench.close()
    },
  }
}

type Json = Readonly<Record<string, unknown>>

/** Every successful reply and every stream message so far is shaped as documented. */
export function expectDocumentedShapes(recorder: Recorder): void {
  const faults = new Set<string>()
  for (const { endpoint, query, status, body } of recorder.replies) {
    expect(status, `${endpoint}?${query}: ${body.slice(0, 200)}`).toBe(200)
    const reply = JSON.parse(body) as Json
    expect(Number.isSafeInteger(reply['retCode']), endpoint).toBe(true)
    if (reply['retCode'] === 0) for (const fault of replyFaults(endpoint, reply)) faults.add(`${endpoint} ${fault}`)
  }
  for (const { path, json: message } of recorder.frames) {
    for (const fault of messageFaults(path, message)) faults.add(`${path} ${String(message['topic'])} ${fault}`)
  }
  expect([...faults]).toEqual([])
}

/** Books: a snapshot first, then `u` grows by one with each change; depth 1 repeats itself. */
export function expectContiguousBooks(recorder: Recorder): void {
  const last = new Map<string, number>()
  let deltas = 0
  for (const { frame, key } of frames(recorder, 'orderbook.')) {
    const { type, data } = frame as { type: string; data: { u: number } }
    const before = last.get(key)
    if (before === undefined) expect(type, key).toBe('snapshot')
    else if (type === 'delta') {
      expect(data.u, key).toBe(before + 1)
      deltas++
    }
    last.set(key, data.u)
  }
  expect(deltas).toBeGreaterThan(0)
}

export function* frames(recorder: Recorder, topic: string): Generator<{ frame: Json; key: string }> {
  for (const { socket, json: frame } of recorder.frames) {
    const name = frame['topic']
    if (typeof name === 'string' && name.startsWith(topic)) yield { frame, key: `${socket} ${name}` }
  }
}

/** Rows of every message of a private topic, over all sockets. */
export function rowsOf(recorder: Recorder, topic: string): Record<string, string>[] {
  const rows: Record<string, string>[] = []
  for (const { frame } of frames(recorder, topic)) {
    if (frame['topic'] === topic) rows.push(...(frame['data'] as Record<string, string>[]))
  }
  return rows
}
