/**
 * Where heartbeats arrive: a socket of this host that only its owner may use, or UDP with a signature. Answers each one
 * that counts. What it cannot read it drops and counts.
 */
import { createSocket } from 'node:dgram'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { fail, messageOf } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { decode, encodeAck, type Heartbeat } from './message.ts'

export interface Channel {
  /** For people: the path, or address and port. */
  readonly where: string
  close(): void
}

/** True when it counts. */
export type Hear = (heartbeat: Heartbeat) => boolean

const LINE_MAX = 4_096

/** Fails when somebody listens there already: two guards on one socket would both believe they watch. */
export async function listenLocal(path: string, hear: Hear): Promise<Channel> {
  try {
    makeFolder(dirname(path), 0o700)
  } catch (error) {
    fail('GUARD_LISTEN', { where: path, reason: messageOf(error) }, error)
  }
  if (await isAnswered(path)) fail('GUARD_BUSY', { where: path })
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const heartbeat = decode(text.slice(0, end), null)
        text = text.slice(end + 1)
        if (heartbeat !== null && hear(heartbeat)) socket.write(`${encodeAck(heartbeat.counter, null)}\n`)
      }
      if (text.length > LINE_MAX) socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(error))
    // Made inside `listen`: nobody else may connect in the moment before chmod.
    const mask = process.umask(0o177)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve()
    })
    process.umask(mask)
  }).catch((error: unknown) => fail('GUARD_LISTEN', { where: path, reason: messageOf(error) }, error))
  return {
    where: path,
    close() {
      server.close()
      rmSync(path, { force: true })
    },
  }
}

export async function listenUdp(host: string, port: number, key: Buffer, hear: Hear): Promise<Channel> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (bytes, from) => {
    if (bytes.length > LINE_MAX) return
    const heartbeat = decode(bytes.toString('utf8'), key)
    if (heartbeat !== null && hear(heartbeat)) socket.send(encodeAck(heartbeat.counter, key), from.port, from.address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, resolve)
  }).catch((error: unknown) => fail('GUARD_LISTEN', { where: `${host}:${port}`, reason: messageOf(error) }, error))
  // An error of one datagram is no reason to stop listening.
  socket.on('error', () => undefined)
  return { where: `${host}:${socket.address().port}`, close: () => socket.close() }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path })
    const end = (isThere: boolean): void => {
      probe.destroy()
      resolve(isThere)
    }
    probe.once('connect', () => end(true))
    probe.once('error', () => end(false))
  })
}
