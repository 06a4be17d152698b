/**
 * What may end an emergency cancel from outside: only a second Ctrl-C. The first says where it stands and goes on. A
 * closed terminal, a broken pipe or an error on the side must not stop the cancelling.
 */
import { messageOf } from '../errors.ts'

export interface Interrupts {
  readonly count: number
  readonly abort: AbortSignal
  readonly stop: () => void
}

const STREAMS_MS = 100

export function watchInterrupts(say: (text: string) => void): Interrupts {
  const leaving = new AbortController()
  let count = 0
  const onSignal = (): void => {
    if (++count >= 2) return leaving.abort()
    say('mm: still cancelling; interrupt again to leave with the state unknown (exit 12)')
  }
  const onHangup = (): void => undefined
  const onError = (error: unknown): void => {
    say(`mm: going on after an error: ${messageOf(error)}`)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  process.on('uncaughtException', onError)
  // Making these streams takes longer than sending the first cancel: later.
  const streams = setTimeout(() => {
    process.stdout.on('error', onHangup)
    process.stderr.on('error', onHangup)
  }, STREAMS_MS)
  streams.unref()
  const stop = (): void => {
    clearTimeout(streams)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('SIGHUP', onHangup)
    process.off('uncaughtException', onError)
  }
  return {
    get count() {
      return count
    },
    abort: leaving.signal,
    stop,
  }
}
