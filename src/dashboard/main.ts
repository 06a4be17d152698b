/**
 * The dashboard's process: `node main.js SOCKET`. Attaches to a running bot's control socket with a read-only view and
 * draws it until the bot goes away. A process of its own, because one frame costs more than a decision may take.
 */
import { plainLine } from '../core/plain-text.ts'

// React is several times slower in development mode, and decides at import time.
process.env['NODE_ENV'] = 'production'
// The colours of ink know FORCE_COLOR only, and decide at import time too.
if (process.env['NO_COLOR']) process.env['FORCE_COLOR'] = '0'

const [, , socketPath = ''] = process.argv
// Ctrl-C is for the bot, which gets it too: the dashboard shows its shutdown and ends with it.
process.on('SIGINT', () => undefined)

try {
  const { show } = await import('./show.tsx')
  await show(socketPath)
} catch (error) {
  process.stderr.write(`mm: no dashboard: ${plainLine(error instanceof Error ? error.message : String(error))}\n`)
  process.exitCode = 3
}
