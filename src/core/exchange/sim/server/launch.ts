/**
 * `mm exchange` from flags to a listening exchange: reads the files named, checks every value, opens the port. Every
 * way this can fail for a reason the operator can change is an error of errors.ts.
 */
import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { fail, messageOf } from '../../../errors.ts'
import { wallUs } from './clock.ts'
import { StateProblem, unlistedSymbols } from './embedded.ts'
import { type FaultScript, faultRules, faultScript } from './fault-input.ts'
import { FAULT_SCENARIOS } from './fault-scenarios.ts'
import { type ExchangeHost, type HostOptions, openHost } from './host.ts'
import { type InitialState, parseState } from './initial-state.ts'
import type { Tier } from './limits.ts'
import { replayedMarket } from './replayed-market.ts'

export interface LaunchFlags {
  readonly port: number
  /** "synthetic", or a recording. */
  readonly market: string
  readonly symbols: readonly string[]
  readonly seed: number
  readonly speed: number
  readonly tier: Tier
  readonly state: string | undefined
  /** Scenario name or file. */
  readonly faults: string | undefined
  /** "5ms", "300us"; undefined: the default. */
  readonly ackLatency: string | undefined
  readonly eventLog: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Tells the operator what went wrong while it runs. */
  readonly warn: (line: string) => void
}

export interface Launched {
  readonly host: ExchangeHost
  close(): Promise<void>
}

export async function launch(flags: LaunchFlags): Promise<Launched> {
  const state = flags.state === undefined ? undefined : readState(flags.state)
  const log = flags.eventLog === undefined ? null : openLog(flags.eventLog, flags.warn)
  const options = await optionsOf(flags, state)
  try {
    const host = await openHost(log === null ? options : { ...options, log: log.write })
    return {
      host,
      async close() {
        await host.close()
        log?.close()
      },
    }
  } catch (error) {
    if (error instanceof StateProblem) fail('EXCHANGE_STATE', { file: flags.state ?? '', what: error.message })
    if (isErrno(error, 'EADDRINUSE')) fail('EXCHANGE_PORT_BUSY', { port: flags.port })
    if (isErrno(error, 'EACCES')) fail('EXCHANGE_PORT_BUSY', { port: flags.port })
    throw error
  }
}

/** Names and meanings, for `--faults list`. */
/** The scenarios by name, with what each does. */
export function faultNames(): { readonly name: string; readonly doc: string }[] {
  return FAULT_SCENARIOS.map(({ name, doc }) => ({ name, doc }))
}

export function faultList(): string {
  const width = Math.max(...FAULT_SCENARIOS.map(({ name }) => name.length))
  return FAULT_SCENARIOS.map(({ name, doc }) => `${name.padEnd(width)}  ${doc}`).join('\n')
}

async function optionsOf(flags: LaunchFlags, state: InitialState | undefined): Promise<HostOptions> {
  const { port, seed, speed, tier, symbols, env } = flags
  const isReplay = flags.market !== 'synthetic'
  const missing = isReplay ? [] : unlistedSymbols(symbols, state)
  if (missing[0] !== undefined) fail('SYMBOL_UNKNOWN', { category: 'simulated', symbol: missing[0] })
  const apiKey = env['MM_EXCHANGE_API_KEY']
  const secret = env['MM_EXCHANGE_API_SECRET']
  return {
    port,
    seed,
    speed,
    tier,
    symbols,
    // Market makers' accounts may use disconnect protection; ordinary ones are refused.
    isInstitutional: true,
    ...(isReplay ? { markets: [await replayedMarket(flags.market, wallUs())] } : {}),
    ...(state === undefined ? {} : { state }),
    ...(flags.faults === undefined ? {} : { faults: scriptOf(flags.faults) }),
    ...(flags.ackLatency === undefined ? {} : { ackLatencyUs: latencyUs(flags.ackLatency) }),
    ...(apiKey && secret ? { key: { apiKey, secret } } : {}),
  }
}

function readState(file: string): InitialState {
  const state = parseState(read(file, 'EXCHANGE_STATE_UNREADABLE'))
  if ('problem' in state) fail('EXCHANGE_STATE', { file, what: state.problem })
  return state
}

function scriptOf(nameOrFile: string): FaultScript {
  const scenario = FAULT_SCENARIOS.find(({ name }) => name === nameOrFile)
  if (scenario !== undefined) return { rules: faultRules(scenario.rules) }
  const script = faultScript(read(nameOrFile, 'EXCHANGE_FAULTS_UNREADABLE'))
  if ('problem' in script) fail('EXCHANGE_FAULTS', { file: nameOrFile, what: script.problem })
  return script
}

function read(file: string, code: 'EXCHANGE_STATE_UNREADABLE' | 'EXCHANGE_FAULTS_UNREADABLE'): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return fail(code, { file, reason: messageOf(error) })
  }
}

/** "300us", "5ms", "1s", "0" → µs. */
export function latencyUs(text: string): number {
  const match = /^(\d{1,7})(us|ms|s)?$/.exec(text)
  const unit = { us: 1, ms: 1_000, s: 1_000_000 }[match?.[2] ?? 'ms'] ?? 1_000
  if (match === null) fail('FLAG_RANGE', { flag: 'ack-latency', value: text, rule: 'must be like 300us, 5ms or 1s' })
  return Number(match[1]) * unit
}

// A disk that is full ends the log, said once; the exchange has clients to serve.
function openLog(file: string, warn: (line: string) => void): { write: (line: string) => void; close: () => void } {
  try {
    appendFileSync(file, '')
    const descriptor = openSync(file, 'a')
    let isLost = false
    const write = (line: string): void => {
      if (isLost) return
      try {
        writeSync(descriptor, `${line}\n`)
      } catch (error) {
        isLost = true
        warn(`the event log ${file} ends here, the exchange goes on without it: ${messageOf(error)}`)
      }
    }
    return { write, close: () => closeSync(descriptor) }
  } catch (error) {
    return fail('EXCHANGE_LOG', { file, reason: messageOf(error) })
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
