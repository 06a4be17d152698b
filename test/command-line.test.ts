/** What the command line says to a misspelled command, from a real process. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test.each([
  [['trad'], 2, 'unknown command trad (did you mean trade?)'],
  [['zzz'], 2, 'unknown command zzz\n'],
  [['trade', 'extra'], 2, 'Unexpected argument: extra'],
  [['trade', '--nonsense'], 2, '--nonsense'],
])('mm %j exits %i', (argv, status, text) => {
  const done = spawnSync('./bin/mm', argv, { encoding: 'utf8', input: '' })
  expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(text)])
  expect(done.stderr).not.toContain('    at ')
})
