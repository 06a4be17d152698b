/** `mm cancel-all` without the command framework: reads its own flags and runs. What it cannot read it leaves alone. */
import { errorText, type Refusal, refusalLine, refusalOf, refusalText, usageRefusal } from '../error-document.ts'
import { MmError } from '../errors.ts'
import { optionsOf, readFlags, type RawFlags } from './options.ts'
import { runCancelAll } from './run.ts'
import { leave } from './slow-disk.ts'

/** Runs and ends the process; returns only when these arguments are not for it (help, unknown flags, bad values). */
export async function enterCancelAll(argv: readonly string[], root: string): Promise<void> {
  const flags = readFlags(argv)
  if (flags === null || typeof optionsOf(flags) === 'string') return
  const code = await cancelWith(flags, root)
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  await leave(code)
}

const FLUSH_MS = 5_000

// Asked of the descriptor: making the stream takes longer than sending the first cancel.
function isTerminal(): boolean {
  return process.getBuiltinModule('node:tty').isatty(2)
}

// A long proof is more than a pipe takes at once, and a reader that went away must not keep us.
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FLUSH_MS)
    stream.write('', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The same from flags that another parser read; usage faults give 2. */
export async function cancelWith(flags: RawFlags, root: string): Promise<number> {
  const err = (text: string): void => void process.stderr.write(`${text}\n`)
  const tell = (refusal: Refusal): number => {
    if (flags.has('json')) process.stdout.write(refusalLine(refusal))
    return refusal.exit
  }
  const options = optionsOf(flags)
  if (typeof options === 'string') {
    const refusal = usageRefusal(options)
    err(refusalText(refusal))
    return tell(refusal)
  }
  try {
    return await runCancelAll(options, {
      env: process.env,
      out: (text) => void process.stdout.write(`${text}\n`),
      err,
      write: (text) => void process.stderr.write(text),
      isTty: !options.isJson && isTerminal(),
      root,
      by: 'cancel-all',
      writer: null,
    })
  } catch (error) {
    const refusal = refusalOf(error)
    err(errorText(error))
    if (error instanceof MmError) return tell(refusal)
    err('    The state of your orders is UNKNOWN. Run it again, or cancel in the exchange’s app: Orders → Cancel all.')
    return tell({ ...refusal, remedy: 'The state of your orders is unknown. Run it again.' })
  }
}
