/** `mm backtest`: the engine of `mm trade` over recorded markets. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT, fail } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { progressLine } from '../core/report/progress.ts'
import { runText } from '../core/report/run-text.ts'
import { backtestFile } from '../core/runtime/backtest-file.ts'
import { workingFolder } from '../core/working-folder.ts'
import { QUEUE_MODEL_DEFAULT, QUEUE_MODEL_NAMES } from '../core/runtime/backtest-models.ts'

export default class Backtest extends BaseCommand {
  static override summary = 'Run the engine over recorded markets, with queue and latency models.'
  static override description =
    `The same engine, matching and accounts as mm trade, on the clock of the data. Our orders wait in the recorded queues
by the queue model; requests, answers and fills take the latencies given. The report names every model. The market does
not react to us: keep sizes small beside what it trades.

Exit codes: 0 ran, no order left, profit adds up exactly · 1 orders were left · 2 bad flag or configuration · 3 unreadable
recording.`
  static override examples = [
    '<%= config.bin %> backtest btc.parquet',
    '<%= config.bin %> backtest btc.parquet --json --strategy avellaneda-stoikov --latency 5ms~0.3 --seed 7',
    '<%= config.bin %> backtest monday.parquet tuesday.parquet --queue-model risk-adverse --set quoting.orderValue=100',
  ]
  static override flags = {
    ...commonFlags,
    'queue-model': Flags.string({
      description: 'how our orders move up in queues of which only the total is known',
      options: [...QUEUE_MODEL_NAMES],
      default: QUEUE_MODEL_DEFAULT,
    }),
    latency: Flags.string({
      description:
        'of request, ack and stream: "5ms", "5ms~0.3" (lognormal); or legs: "request=3ms,match=0.3ms,ack=3ms,stream=2ms,feed=1ms,think=0.02ms"',
    }),
    strategy: Flags.string({ description: 'id of the strategy (same as --set strategy=ID)' }),
    'maker-fee': Flags.string({ description: 'rate, negative is a rebate', default: '0.0002' }),
    'taker-fee': Flags.string({ description: 'rate', default: '0.00055' }),
    seed: Flags.integer({ description: 'of everything drawn at random', default: 1, min: 0, max: 0xffff_ffff }),
  }
  static override args = {
    data: Args.string({ description: 'recordings (mm import makes them)', required: true }),
  }
  static override strict = false

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Backtest)
    let isClean = true
    for (const file of argv.map(String)) {
      const progress = progressLine(process.stderr, 'M rows')
      const { summary } = await backtestFile({
        file,
        sources: {
          config: flags.config,
          profile: flags.profile,
          override: flags.override,
          set: [...(flags.set ?? []), ...(flags.strategy === undefined ? [] : [`strategy=${flags.strategy}`])],
          env: process.env,
          cwd: workingFolder(),
        },
        queueModel: flags['queue-model'],
        latency: flags.latency ?? null,
        fees: { makerFee: flags['maker-fee'], takerFee: flags['taker-fee'] },
        seed: flags.seed,
        onProgress: (done, total) => progress.show(`replaying ${plainText(file)}`, done, total),
      }).finally(() => progress.end())
      if (!summary.pnl.identityExact) fail('INTERNAL', { what: 'the profit of the run does not add up' })
      if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
      else this.say(plainText(runText(summary)))
      isClean &&= summary.verifiedZero
    }
    this.end(isClean ? EXIT.ok : EXIT.no)
  }
}
