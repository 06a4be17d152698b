/** `mm exchange`: the simulated Bybit V5 exchange on loopback, until it is told to stop. */
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT, fail } from '../core/errors.ts'
import { faultList, faultNames, launch } from '../core/exchange/sim/server/launch.ts'
import { TIER_NAMES } from '../core/exchange/sim/server/limits.ts'
import { stopSignal } from '../core/stop-signal.ts'

export default class Exchange extends BaseCommand {
  static override summary = 'Serve a simulated Bybit V5 exchange on 127.0.0.1.'
  static override description =
    `Speaks the V5 REST and WebSocket protocol, so that any Bybit client can be pointed at it. The first line on stdout
is JSON with the addresses and a key made for this start. Ground truth: GET /sim/truth. Faults: POST /sim/faults.
MM_EXCHANGE_API_KEY and MM_EXCHANGE_API_SECRET replace the random key. Stop it with Ctrl-C.

Exit codes: 0 stopped when asked · 2 bad flag, state, fault script or busy port · 3 a file cannot be read.`
  static override examples = [
    '<%= config.bin %> exchange',
    '<%= config.bin %> exchange --port 8080 --symbols BTCUSDT,ETHUSDT --seed 7 --tier vip1',
    '<%= config.bin %> exchange --market btc.parquet --state ledger.json --event-log truth.jsonl',
    '<%= config.bin %> exchange --faults list',
  ]
  static override flags = {
    ...commonFlags,
    port: Flags.integer({ description: 'TCP port on 127.0.0.1; 0 takes a free one', default: 0, min: 0, max: 65_535 }),
    market: Flags.string({ description: 'synthetic, or a recording made by mm import', default: 'synthetic' }),
    symbols: Flags.string({ description: 'symbols to list, by comma (default: all of the synthetic market)' }),
    seed: Flags.integer({ description: 'seed of market, latencies and faults', default: 1, min: 0 }),
    speed: Flags.string({ description: 'how many times faster than real the exchange runs', default: '1' }),
    tier: Flags.option({ description: 'request quotas', options: TIER_NAMES, default: 'default' })(),
    state: Flags.string({ description: 'initial ledger: instruments, accounts, positions, orders (docs/exchange.md)' }),
    faults: Flags.string({ description: 'named scenario, file with fault rules, or list' }),
    'ack-latency': Flags.string({ description: 'median time from a request to its answer: 300us, 5ms, 0' }),
    'event-log': Flags.string({ description: 'append every event of ledger and gate as JSON lines' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Exchange)
    if (flags.faults === 'list') {
      const list = { schemaVersion: 1, faults: faultNames() }
      process.stdout.write(`${flags.json ? JSON.stringify(list) : faultList()}\n`)
      this.end(EXIT.ok)
    }
    const { host, close } = await launch({
      port: flags.port,
      market: flags.market,
      symbols: (flags.symbols ?? '').split(',').filter((symbol) => symbol !== ''),
      seed: flags.seed,
      speed: speedOf(flags.speed),
      tier: flags.tier,
      state: flags.state,
      faults: flags.faults,
      ackLatency: flags['ack-latency'],
      eventLog: flags['event-log'],
      env: process.env,
      warn: (line) => this.say(line, true),
    })
    const stopped = stopSignal()
    process.stdout.write(`${JSON.stringify(host.welcome)}\n`)
    this.say('simulated exchange; stop with Ctrl-C', true)
    await stopped
    await close()
    this.end(EXIT.ok)
  }
}

function speedOf(text: string): number {
  const speed = Number(text)
  if (speed > 0 && speed <= 1_000) return speed
  return fail('FLAG_RANGE', { flag: 'speed', value: text, rule: 'must be a number above 0, at most 1000' })
}
