/** What the command line says to a misspelled command, from a real process. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test.each([
  [['trad'], 2, 'unknown command trad (did you mean trade?)'],
  [['zzz'], 2, 'unknown command zzz\n'],
  [['trade', 'extra'], 2, 'Unexpected argument: extra'],
  [['trade', '--nonsense'], 2, 'mm: Nonexistent flag: --nonsense\n    Run the command with --help.\n'],
  [['import', 'x.gz'], 2, 'mm: Missing required flag out\n'],
  [['backtest'], 2, 'data  recordings (mm import makes them)\n    Run'],
  [['exchange', '--port', '99999'], 2, 'mm: --port: Expected an integer less than or equal to 65535'],
])('mm %j exits %i', (argv, status, text) => {
  const done = spawnSync('./bin/mm', argv, { encoding: 'utf8', input: '' })
  expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(text)])
  expect(done.stderr).not.toContain('    at ')
})

test.each([['-h'], ['trade', '-h'], ['cancel-all', '-h'], ['cancel-all', '--dry-run', '-h']])(
  'mm %s %s helps, as --help does',
  (...argv) => {
    const run = (words: readonly string[]) => spawnSync('./bin/mm', words, { encoding: 'utf8', input: '' })
    const short = run(argv)
    expect([short.status, short.stderr]).toEqual([0, ''])
    expect(short.stdout).toBe(run([...argv.slice(0, argv.indexOf('-h')), '--help']).stdout)
  },
)

/** In a pipe whose reader is gone, and on a full disk. */
const COMMANDS = [
  ['--version'],
  [],
  ['trade', '--help'],
  ['cancel-all', '--help'],
  ['validate-config', '--explain'],
  ['scan-secrets', '--explain', 'list'],
  ['exchange', '--faults', 'list'],
]

test.each(COMMANDS)('a reader that goes away changes no answer: mm %s %s', (...argv) => {
  const pipe = 'set -o pipefail; ./bin/mm "$@" | true'
  const done = spawnSync('bash', ['-c', pipe, 'mm', ...argv], { encoding: 'utf8', input: '' })
  expect([done.status, done.stderr]).toEqual([0, ''])
})

test.each(COMMANDS)('half an answer is no success: mm %s %s on a full disk', (...argv) => {
  const done = spawnSync('bash', ['-c', './bin/mm "$@" >/dev/full', 'mm', ...argv], { encoding: 'utf8', input: '' })
  expect([done.status, done.stderr]).toEqual([3, expect.stringContaining('cannot write standard output')])
  expect(done.stderr).not.toContain('    at ')
})
