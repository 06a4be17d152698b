/**
 * The only superclass of our commands: common flags, JSON output, and the one place where an error becomes an exit code.
 * Human text goes to stderr when --json is on, so that stdout stays machine-readable.
 */
import { Command, Flags } from '@oclif/core'
import { chalkStderr } from 'chalk'
import {
  asksForJson,
  errorText,
  type Refusal,
  refusalLine,
  refusalOf,
  refusalText,
  usageRefusal,
} from './core/error-document.ts'

export const commonFlags = {
  json: Flags.boolean({ description: 'one JSON document on stdout; text for people on stderr', helpGroup: 'COMMON' }),
  config: Flags.string({ description: 'configuration file (default: mm.yaml, searched upward)', helpGroup: 'COMMON' }),
  profile: Flags.string({ description: 'configuration profile', helpGroup: 'COMMON' }),
  override: Flags.string({ description: 'override file, stronger than --config', helpGroup: 'COMMON' }),
  set: Flags.string({ description: 'key.path=value, strongest source', multiple: true, helpGroup: 'COMMON' }),
  'state-dir': Flags.string({
    description: 'where journal, latch and sockets live (default: the XDG state directory)',
    helpGroup: 'COMMON',
  }),
  'no-color': Flags.boolean({ description: 'no colour (NO_COLOR is obeyed too)', helpGroup: 'COMMON' }),
}

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = false

  /** Prints text for people: stdout normally, stderr when stdout carries JSON. */
  protected say(text: string, isJson = false): void {
    const stream = isJson ? process.stderr : process.stdout
    stream.write(`${text}\n`)
  }

  /** Ends the process with `code` once stdout and stderr are flushed. */
  protected end(code: number): never {
    process.exitCode = code
    return this.exit(code)
  }

  protected override async catch(error: Error & { oclif?: { exit?: number }; code?: string }): Promise<void> {
    if (error.code === 'EEXIT') throw error
    const { refusal, text } = describe(error)
    process.stderr.write(`${painted(text)}\n`)
    if (asksForJson(this.argv)) process.stdout.write(refusalLine(refusal, this.lineFields()))
    this.end(refusal.exit)
  }

  /** What every line of a command has that prints more than one. */
  protected lineFields(): object {
    return {}
  }
}

/** What to print for an error, to people and to scripts; the code to leave with is in the latter. */
export function describe(error: unknown): { refusal: Refusal; text: string } {
  if (!isUsage(error)) return { refusal: refusalOf(error), text: errorText(error) }
  const refusal = usageRefusal(usageText(error.message))
  return { refusal, text: refusalText(refusal) }
}

// What happened in red, what to do about it plain. Colour only on a terminal, and never against NO_COLOR.
function painted(text: string): string {
  const [what = '', ...rest] = text.split('\n')
  const isPlain = process.argv.includes('--no-color') || !!process.env['NO_COLOR']
  return [isPlain ? what : chalkStderr.red(what), ...rest].join('\n')
}

function isUsage(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error
}

// oclif's words without its frame: a heading, a hint on flags that nobody used, and where help is.
function usageText(text: string): string {
  const [words = text] = text.split(/\n(?:See more help|\nNote: )/)
  return words.replace(/^The following errors? occurred:\s*/, '').replace(/^Parsing (--\S+)\s+/, '$1: ')
}
