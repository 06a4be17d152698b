/** `mm trade`: quotes. Paper on the embedded exchange by default; everything else must be asked for. */
import { spawn, type ChildProcess } from 'node:child_process'
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags, describe } from '../base-command.ts'
import { refusalLine } from '../core/error-document.ts'
import { parseDurationMs } from '../core/duration.ts'
import { guardAddress } from '../core/deadman/address.ts'
import { EXIT, fail, type MmError } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { runText } from '../core/report/run-text.ts'
import { METRICS_DEFAULT } from '../core/runtime/metrics-address.ts'
import { StdOutput } from '../core/runtime/std-output.ts'
import { trade } from '../core/runtime/trade.ts'
import { workingFolder } from '../core/working-folder.ts'
import type { TradeResult } from '../core/runtime/trade-options.ts'

const DURATION_MS_MAX = 20 * 24 * 3_600_000

export default class Trade extends BaseCommand {
  static override summary = 'Quote both sides of a market: on paper by default, with no key and no network.'
  static override description =
    `Starts the bot: settles what an earlier run left, quotes until the duration is over or a signal comes, then cancels
everything and asks the exchange until it has stated twice that nothing is open. SIGHUP (and mm status --reload) reads
the configuration again, unless it comes from a terminal that hung up, which ends the run like any other signal.

Exit codes: 0 stopped, no order open, stated by the exchange · 2 bad flag or configuration, busy --metrics port · 3 the
exchange, a file or the journal could not be used · 4 refused (HALT latch, another writer, live not armed) or halted by a
guard · 5 stopped, but orders may be open (ids and the command to run are printed) · 70 a bug of ours, orders cancelled.`
  static override examples = [
    '<%= config.bin %> trade',
    '<%= config.bin %> trade --duration 30s --no-ui --json --seed 7',
    '<%= config.bin %> trade --market btc.parquet --speed max',
    'MM_API_KEY=… MM_API_SECRET=… <%= config.bin %> trade --venue live --symbols BTCUSDT,ETHUSDT --arm 1234567',
  ]
  static override flags = {
    ...commonFlags,
    venue: Flags.option({
      description: 'where to trade',
      options: ['paper', 'demo', 'testnet', 'live'] as const,
      default: 'paper' as const,
    })(),
    symbols: Flags.string({ description: 'comma-separated symbols (default: BTCUSDT, or that of the recording)' }),
    duration: Flags.string({ description: 'stop after this time, such as 60s, 5m or 2h (default: until a signal)' }),
    market: Flags.string({ description: 'paper: "synthetic" or a recording made by import', default: 'synthetic' }),
    seed: Flags.string({
      description:
        'seed of the synthetic market (paper) and of the jitter of reconnects (default: from the clock, printed)',
    }),
    speed: Flags.string({ description: 'paper: 1 (real time), or max (one process, virtual time)', default: '1' }),
    'exchange-url': Flags.string({ description: 'trade on a running mm exchange at this address' }),
    metrics: Flags.string({ description: `HOST:PORT of the metrics, or off (default ${METRICS_DEFAULT})` }),
    'no-ui': Flags.boolean({ description: 'no dashboard on a terminal' }),
    guard: Flags.string({
      description: 'mm guard that watches this run: PATH of its socket, or HOST:PORT (default: deadman.address)',
    }),
    'guard-key-file': Flags.string({ description: 'key shared with a guard on another host', dependsOn: ['guard'] }),
    'ack-config': Flags.string({
      description: 'live: hash of the configuration, when it differs from the last start (printed then)',
    }),
    arm: Flags.string({ description: 'live: UID of the account; must be the one of the key' }),
  }

  private lines = 0

  async run(): Promise<void> {
    const { flags } = await this.parse(Trade)
    const isJson = flags.json
    const hasUi = process.stdout.isTTY && !flags['no-ui'] && !isJson && flags.speed !== 'max'
    const stdout = new StdOutput(process.stdout)
    // Nobody is left to be told; the log has it all.
    process.stderr.on('error', () => undefined)
    const dashboard: { child: ChildProcess | null } = { child: null }
    const say = (text: string): void => {
      if (dashboard.child === null) this.say(plainText(text), isJson)
    }
    const seed = seedOf(flags.seed)
    const speed = speedOf(flags.speed)
    const durationMs = flags.duration === undefined ? null : durationOf(flags.duration)
    if (speed === 'max' && durationMs === null && flags.market === 'synthetic') {
      fail('FLAG_RANGE', { flag: 'speed', value: 'max', rule: 'a synthetic market has no end: give --duration, too' })
    }
    if (flags['exchange-url'] !== undefined && !URL.canParse(flags['exchange-url']))
      fail('FLAG_RANGE', {
        flag: 'exchange-url',
        value: flags['exchange-url'],
        rule: 'a URL such as http://127.0.0.1:8080',
      })
    const isPaper = flags.venue === 'paper' && flags['exchange-url'] === undefined
    if (!isPaper && flags.speed !== '1')
      fail('FLAG_RANGE', { flag: 'speed', value: flags.speed, rule: 'only for the embedded exchange' })
    if (!isPaper && flags.market !== 'synthetic')
      fail('FLAG_RANGE', { flag: 'market', value: flags.market, rule: 'only for the embedded exchange' })
    if (flags.guard !== undefined && speed === 'max')
      fail('FLAG_RANGE', { flag: 'guard', value: flags.guard, rule: 'means nothing under virtual time' })
    say(`mm trade: venue ${flags.venue}, seed ${seed}${hasUi ? '; Ctrl-C cancels every order and ends' : ''}`)
    const result = await trade(
      {
        venue: flags.venue,
        symbols: flags.symbols === undefined ? null : symbolsOf(flags.symbols),
        market: flags.market,
        seed,
        speed,
        exchangeUrl: flags['exchange-url'],
        durationMs,
        metrics:
          flags.metrics === 'off'
            ? null
            : { address: flags.metrics ?? METRICS_DEFAULT, isExplicit: flags.metrics !== undefined },
        arm: flags.arm ?? null,
        ackConfig: flags['ack-config'] ?? null,
        guard: flags.guard === undefined ? null : guardAddress(flags.guard, flags['guard-key-file'] ?? ''),
        stateDir: flags['state-dir'],
        config: flags.config,
        profile: flags.profile,
        override: flags.override,
        set: flags.set ?? [],
        env: process.env,
        cwd: workingFolder(),
        root: this.config.root,
      },
      {
        emit: isJson ? (line) => stdout.write(this.numbered(line)) : null,
        say,
        failed: stdout.failed,
        ...(hasUi ? { onReady: (socket: string) => void (dashboard.child = startDashboard(socket)) } : {}),
        onTick: say,
      },
    )
    await closed(dashboard.child)
    dashboard.child = null
    // With --json it was the last line of the run already.
    if (result.summary !== null && !isJson) stdout.write(`${plainText(runText(result.summary))}\n`)
    // The summary is the last line and says why the run ended; without one this is all a script gets.
    if (result.summary === null && result.error !== null && isJson)
      stdout.write(refusalLine({ ...describe(result.error).refusal, exit: result.exit }, this.lineFields()))
    this.report(result, await stdout.flushed())
  }

  private numbered(line: object): string {
    this.lines++
    return `${JSON.stringify(line)}\n`
  }

  protected override lineFields(): object {
    return { seq: this.lines + 1, ts: Date.now() }
  }

  private report({ exit, error }: TradeResult, lost: MmError | null): void {
    const shown = error ?? lost
    if (shown !== null) process.stderr.write(`${describe(shown).text}\n`)
    this.end(exit === EXIT.ok && lost !== null ? lost.exit : exit)
  }
}

function startDashboard(socketPath: string): ChildProcess {
  const main = new URL('../dashboard/main.js', import.meta.url)
  const env = { ...process.env, NODE_ENV: 'production' }
  return spawn(process.execPath, [main.pathname, socketPath], { stdio: 'inherit', env })
}

function closed(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
  })
}

function symbolsOf(text: string): readonly string[] {
  const symbols = text.split(',').map((symbol) => symbol.trim())
  const isGood = symbols.every((symbol) => /^[A-Z0-9-]{2,30}$/.test(symbol)) && new Set(symbols).size === symbols.length
  return isGood
    ? symbols
    : fail('FLAG_RANGE', { flag: 'symbols', value: text, rule: 'different names such as BTCUSDT,ETHUSDT' })
}

function durationOf(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== null && ms >= 1 && ms <= DURATION_MS_MAX) return ms
  return fail('FLAG_RANGE', { flag: 'duration', value: text, rule: 'a time from 1ms to 480h, such as 30s or 5m' })
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return Date.now() % 2 ** 31
  const seed = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN
  return seed <= 2 ** 48
    ? seed
    : fail('FLAG_RANGE', { flag: 'seed', value: text, rule: 'a whole number from 0 to 2^48' })
}

// An exchange faster than the bot's own clock would be another market: every reaction would come N times too late.
function speedOf(text: string): 1 | 'max' {
  if (text === 'max') return 'max'
  if (text === '1') return 1
  return fail('FLAG_RANGE', {
    flag: 'speed',
    value: text,
    rule: '1 (real time) or max (virtual time), nothing between',
  })
}
