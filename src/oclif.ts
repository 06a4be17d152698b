/** Hands the command line to oclif. Loaded only when the fast paths in main.ts did not take it. */
import { Config, handle, run, settings } from '@oclif/core'
import { asksForJson, refusalLine, refusalText } from './core/error-document.ts'
import { EXIT } from './core/errors.ts'
import { plainLine } from './core/plain-text.ts'
import { didYouMean } from './core/registry.ts'

export async function runOclif(argv: readonly string[], root: string): Promise<void> {
  settings.enableAutoTranspile = false
  try {
    const config = await Config.load({ root })
    if (isUnknown(argv, config)) return
    await run([...argv], config)
    await flushed()
  } catch (error) {
    await flushed()
    await handle(error as Error)
  }
}

// oclif's own flush waits for a drain, which never comes once the reader is gone.
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => resolve())
  })
}

const OWN_FLAGS = new Set(['--help', '-h', '--version'])

// Answered here, not by a plugin's prompt: a script that misspells a command gets the usage code and the nearest name.
function isUnknown(argv: readonly string[], config: Config): boolean {
  const [name = ''] = argv
  const known = config.commandIDs
  if (name === '' || OWN_FLAGS.has(name) || known.includes(name)) return false
  const what = name.startsWith('-') ? 'a command comes first, before' : 'unknown command'
  const message = `${what} ${plainLine(name)}${didYouMean(name, known)}`
  const refusal = { code: 'USAGE', message, remedy: 'Run: mm --help', exit: EXIT.usage }
  process.stderr.write(`${refusalText(refusal)}\n`)
  if (asksForJson(argv)) process.stdout.write(refusalLine(refusal))
  process.exitCode = refusal.exit
  return true
}
