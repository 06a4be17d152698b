/** Asks a running bot, over its control socket, to stop signing; its answer says until when its creates may still land. */

export interface HaltAnswer {
  /** Newest timestamp it signed a risk-adding request with, exchange ms; 0 when it never did. */
  readonly maxSignedMs: number
  readonly windowMs: number
  readonly inFlight: number
}

export interface HaltFailure {
  readonly failed: string
  /** Somebody took the call. */
  readonly isThere: boolean
}

/** Never throws; `failed` says why there is no answer. */
export function askHalt(socketPath: string, timeoutMs: number): Promise<HaltAnswer | HaltFailure> {
  if (typeof socketPath !== 'string' || socketPath === '')
    return Promise.resolve({ failed: 'it has no control socket', isThere: false })
  const { connect } = process.getBuiltinModule('node:net')
  return new Promise((resolve) => {
    let text = ''
    let isThere = false
    const socket = connect({ path: socketPath })
    const end = (result: HaltAnswer | { failed: string }): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve('failed' in result ? { ...result, isThere } : result)
    }
    const timer = setTimeout(() => end({ failed: `no answer within ${timeoutMs} ms` }), timeoutMs)
    socket.setEncoding('utf8')
    socket.on('connect', () => {
      isThere = true
      socket.write(`${JSON.stringify({ op: 'halt', reason: 'cancel-all' })}\n`)
    })
    socket.on('data', (chunk: string) => {
      text += chunk
      const line = text.indexOf('\n')
      if (line >= 0) end(parseAnswer(text.slice(0, line)))
      else if (text.length > 65_536) end({ failed: 'an answer without end' })
    })
    socket.on('error', (error: Error) => end({ failed: error.message }))
    socket.on('close', () => end({ failed: 'it closed the connection' }))
  })
}

function parseAnswer(line: string): HaltAnswer | { failed: string } {
  try {
    const value = JSON.parse(line) as { [name in keyof HaltAnswer | 'ok']?: unknown } | null
    const { ok, maxSignedMs, windowMs, inFlight } = value ?? {}
    const isStatement = ok === true && isCount(maxSignedMs) && isCount(windowMs) && windowMs <= 60_000
    if (!isStatement) return { failed: 'an answer it should not give' }
    return { maxSignedMs, windowMs, inFlight: isCount(inFlight) ? inFlight : 0 }
  } catch {
    // Half a line or foreign text: no statement about its signatures.
    return { failed: 'an answer that is not JSON' }
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
