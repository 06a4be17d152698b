/** What ends a run from outside, or from a callback that nobody awaits: signals and errors that nobody caught. */
import type { Log } from './log.ts'
import type { Session } from './session.ts'
import { Terminal } from './terminal.ts'
import type { TradeOutput } from './trade-options.ts'

interface Ends {
  readonly output: TradeOutput
  readonly log: Log
  /** Null: nothing is read again under virtual time. */
  readonly reload: (() => unknown) | null
}

/**
 * All but a reload lead to the same orderly end. Returns how to stop listening: signals then do nothing for as long as the
 * process lives, so that none turns an end that was in order into a kill.
 */
export function catchEnds(session: Session, { output, log, reload }: Ends): () => void {
  const terminal = new Terminal()
  let signals = 0
  let isOver = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isOver) return
    signals++
    log.info({ signal }, 'asked to stop')
    output.say(signals === 1 ? `${signal}: cancelling and verifying` : 'already stopping: waiting for the exchange')
    session.stop(`signal ${signal}`)
  }
  // A terminal or ssh session that is gone leaves nobody to send another signal; otherwise somebody sent it on purpose.
  const onHangup = (signal: NodeJS.Signals): void => {
    if (reload === null || terminal.isLost) onSignal(signal)
    else if (!isOver) reload()
  }
  // Without a listener it would kill the bot: Node's own use of it, a debugger, is switched off.
  const onUser = (): void => {
    if (!isOver) log.warn('SIGUSR1 means nothing here')
  }
  const onError = (error: unknown): void => session.crash(error)
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  process.on('SIGQUIT', onSignal)
  process.on('SIGUSR1', onUser)
  process.on('uncaughtException', onError)
  process.on('unhandledRejection', onError)
  return () => {
    isOver = true
    process.off('uncaughtException', onError)
    process.off('unhandledRejection', onError)
  }
}
