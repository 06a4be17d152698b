/** Hands the command line to oclif. Loaded only when the fast paths in main.ts did not take it. */
import { Config, flush, handle, run, settings } from '@oclif/core'

export async function runOclif(argv: readonly string[], root: string): Promise<void> {
  settings.enableAutoTranspile = false
  try {
    const config = await Config.load({ root })
    await run([...argv], config)
    await flush()
  } catch (error) {
    await handle(error as Error)
  }
}
