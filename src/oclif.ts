/** Hands the command line to oclif. Loaded only when the fast paths in main.ts did not take it. */
import { Config, handle, run, settings } from '@oclif/core'
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

// Answered here, not by a plugin's prompt: a script that misspells a command gets the usage code and the nearest name.
function isUnknown([name = '']: readonly string[], config: Config): boolean {
  const known = config.commandIDs
  if (name === '' || name.startsWith('-') || known.includes(name)) return false
  process.stderr.write(`mm: unknown command ${plainLine(name)}${didYouMean(name, known)}\n    Run: mm --help\n`)
  process.exitCode = EXIT.usage
  return true
}
