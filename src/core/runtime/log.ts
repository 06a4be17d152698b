/**
 * The operational log: one JSON object a line, to stderr or a file. Never on the hot path (the journal is the record of
 * what happened), never with a secret, and a log that cannot be written never stops the bot.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { type Logger, pino, stdTimeFunctions } from 'pino'
import { fail } from '../errors.ts'
import type { Redactor } from './redact.ts'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LogOptions {
  readonly level: LogLevel
  readonly redactor: Redactor
  /** A file to append to; stderr when missing. */
  readonly file?: string | undefined
  /** Lines are kept back until the redactor knows everything; without it they would go out half cleaned. */
  readonly redactorReady: Promise<void>
}

export interface OpenLog {
  readonly log: Log
  /** Writes what is kept back, then closes. */
  close(): Promise<void>
}

export function openLog({ level, redactor, file, redactorReady }: LogOptions): OpenLog {
  const fd = file === undefined ? process.stderr.fd : openForAppend(file)
  let held: string[] | null = []
  const release = (): void => {
    for (const line of held ?? []) writeLine(fd, redactor.cleanJson(line))
    held = null
  }
  // Without the rules nothing may be written; whoever loads them ends the run.
  const ready = redactorReady.then(release, () => undefined)
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
    },
    { write: (line: string) => (held === null ? writeLine(fd, redactor.cleanJson(line)) : void held.push(line)) },
  )
  const close = async (): Promise<void> => {
    await ready
    if (file !== undefined) closeSync(fd)
  }
  return { log, close }
}

function openForAppend(file: string): number {
  try {
    return openSync(file, 'a', 0o600)
  } catch (error) {
    return fail('STATE_UNWRITABLE', { dir: file, reason: (error as Error).message }, error)
  }
}

function writeLine(fd: number, line: string): void {
  try {
    writeSync(fd, line)
  } catch (error) {
    // A closed pipe or a full disk under the log is no reason to stop trading; the journal has its own rules.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPIPE' && code !== 'ENOSPC' && code !== 'EAGAIN') throw error
  }
}

// Only what helps: errors of libraries may carry requests, headers and keys in other fields.
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) }
  const code = 'code' in error ? { code: String(error.code) } : {}
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause }
}
