/**
 * An exchange that answers anything but what it should: no answer makes a zero, none holds the command beyond its
 * deadline, and nothing of it reaches the terminal as it came. Whole processes against a server of this test.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { Proof } from '../../src/core/cancel/proof.ts'
import { Pace } from './pace.ts'
import { test } from './process.ts'

type Manner = (request: IncomingMessage, response: ServerResponse) => void

const text =
  (body: string, status = 200): Manner =>
  (_, response) =>
    void response.writeHead(status).end(body)
const reply =
  (result: unknown, more: object = {}): Manner =>
  (_, response) =>
    void response.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: Date.now(), ...more }))
const EMPTY = { list: [], nextPageCursor: '', success: '1' }
const listing =
  (manner: Manner): Manner =>
  (request, response) =>
    (request.url?.includes('/realtime') === true ? manner : reply(EMPTY))(request, response)
const circle: Manner = (request, response) =>
  reply({ list: [], nextPageCursor: request.url?.includes('cursor=B') === true ? 'A' : 'B' })(request, response)
let pages = 0
const endless: Manner = (request, response) => reply({ list: [], nextPageCursor: `page ${++pages}` })(request, response)
const drip: Manner = (_, response) => {
  response.writeHead(200, { 'Content-Length': '1000' })
  const timer = setInterval(() => response.write('{'), 200)
  response.on('close', () => clearInterval(timer))
}
const flood: Manner = (_, response) => {
  const chunk = Buffer.alloc(1 << 20, 32)
  const pour = (): void => void (response.writable && response.write(chunk, pour))
  response.writeHead(200)
  response.on('error', () => undefined)
  pour()
}
const ODD = { orderId: '\u001b[2J', symbol: '\u202eX', orderStatus: 'New', orderLinkId: {} }

const CASES: readonly { what: string; manner: Manner; exit: number }[] = [
  { what: 'a captive portal', manner: text('<html>please log in</html>'), exit: 14 },
  { what: 'a redirect', manner: (_, r) => void r.writeHead(302, { Location: 'http://evil.example' }).end(), exit: 14 },
  { what: '403 as a page', manner: text('<html>no</html>', 403), exit: 15 },
  { what: 'nothing but success', manner: text('{"retCode":0}'), exit: 12 },
  { what: 'null everywhere', manner: reply(null, { retMsg: null, time: null }), exit: 12 },
  { what: 'a listing without a list', manner: listing(reply({})), exit: 12 },
  { what: 'pages in a circle', manner: listing(circle), exit: 12 },
  { what: 'pages without end', manner: listing(endless), exit: 12 },
  { what: 'one byte now and then', manner: drip, exit: 14 },
  { what: 'a body without end', manner: flood, exit: 14 },
  { what: 'rows that are none', manner: listing(reply({ ...EMPTY, list: [1, null] })), exit: 12 },
  { what: 'a cursor that is none', manner: listing(reply({ ...EMPTY, nextPageCursor: 7 })), exit: 12 },
  { what: 'a row with a spell', manner: listing(reply({ list: [ODD] })), exit: 11 },
]

describe.concurrent('an exchange that answers', () => {
  test.for(CASES)('$what: exit $exit', async ({ manner, exit }, { desk }) => {
    const server = createServer((request, response) => {
      request.resume()
      manner(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const args = ['cancel-all', '--exchange-url', url, '--state-dir', join(desk.dir, 'state'), '--deadline', '6s']
    const path = join(desk.dir, 'proof.json')
    const pace = new Pace()
    const ended = await desk.mm([...args, '--proof', path], { MM_API_KEY: 'k', MM_API_SECRET: 's' }).ended
    const slowness = await pace.stop()
    server.closeAllConnections()
    server.close()
    expect(ended.code, ended.stdout).toBe(exit)
    expect(ended.stdout).not.toMatch(/ZERO OPEN|\b0 open/)
    // oxlint-disable-next-line no-control-regex -- that none is there is the point
    expect(ended.stdout + ended.stderr).not.toMatch(/[\u001b\u202e]/)
    const { startedMs, endedMs } = JSON.parse(readFileSync(path, 'utf8')) as Proof
    expect(endedMs - startedMs).toBeLessThan(6_000 + 4_000 * slowness)
  })

  test('nobody could look: a dry run counts nothing', async ({ desk }) => {
    const args = ['cancel-all', '--exchange-url', 'http://127.0.0.1:9', '--state-dir', join(desk.dir, 'state')]
    const env = { MM_API_KEY: 'k', MM_API_SECRET: 's' }
    const ended = await desk.mm([...args, '--deadline', '1s', '--dry-run'], env).ended
    expect([ended.code, ended.stdout]).toEqual([14, expect.stringContaining('what is open is NOT KNOWN')])
    expect(ended.stdout).toContain('at http://127.0.0.1:9')
  })

  test('with a certificate that nobody vouches for: 14, whatever the environment says', async ({ desk }) => {
    const [key, cert] = [join(desk.dir, 'key.pem'), join(desk.dir, 'cert.pem')]
    const subject = ['-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
      stdio: 'ignore',
    })
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, reply(EMPTY))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const env = { MM_API_KEY: 'k', MM_API_SECRET: 's', NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const args = ['cancel-all', '--exchange-url', url, '--state-dir', join(desk.dir, 'state'), '--deadline', '2s']
    const ended = await desk.mm([...args, '--json'], env).ended
    server.close()
    expect(ended.code).toBe(14)
    const { requests } = JSON.parse(ended.stdout) as Proof
    expect(new Set(requests.map(({ outcome }) => outcome))).toEqual(new Set(['lost: tls']))
  })
})
