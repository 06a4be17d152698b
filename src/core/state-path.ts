/** Where a bot keeps its state when nobody says otherwise. A leaf: the emergency path needs it before anything else. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** `given` (the --state-dir flag), else $XDG_STATE_HOME/mm, else ~/.local/state/mm. */
export function statePath(given: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  if (given !== undefined && given !== '') return resolve(given)
  const base = env['XDG_STATE_HOME']
  return join(base?.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'mm')
}
