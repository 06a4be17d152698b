/** `mm import`: converts a public capture into a recording and says exactly what it kept. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { importCapture } from '../core/recording/import.ts'
import { readRecording } from '../core/recording/reader.ts'
import { recordingStats } from '../core/recording/recording-stats.ts'
import { importText, marketText } from '../core/report/market-text.ts'
import { progressLine } from '../core/report/progress.ts'

export default class Import extends BaseCommand {
  static override summary = 'Convert a recorded market of a public format into the recording format of mm.'
  static override description =
    `Reads a gzip capture (local time in nanoseconds, a space, one raw Binance or Bybit frame a line), accounts for
every line, checks that the update ids join, and writes one Parquet file. Gaps are marked, never repaired.

Exit codes: 0 done · 2 bad flag, several symbols without --symbol, or a target that is not ours · 3 unreadable input or
unwritable target.`
  static override examples = [
    '<%= config.bin %> import --from hftbacktest btcusdt_20240808.gz --out btc.parquet',
    '<%= config.bin %> import --from hftbacktest capture.gz --symbol BTCUSDT --tick 0.1 --lot 0.001 --out btc.parquet --json',
  ]
  static override flags = {
    ...commonFlags,
    from: Flags.string({ description: 'format of the source', options: ['hftbacktest'], default: 'hftbacktest' }),
    out: Flags.string({ description: 'recording to write (replaces only an earlier recording)', required: true }),
    symbol: Flags.string({ description: 'symbol to keep, where the capture holds several' }),
    tick: Flags.string({ description: 'tick size, decimal (default: the largest that fits all prices)' }),
    lot: Flags.string({ description: 'lot size, decimal (default: the largest that fits all sizes)' }),
    category: Flags.option({
      description: 'what is traded, where the frames do not tell',
      options: ['linear', 'inverse', 'spot'] as const,
    })(),
  }
  static override args = {
    file: Args.string({ description: 'the capture', required: true }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Import)
    const progress = progressLine(process.stderr, 'MB')
    const meta = await importCapture({
      file: args.file,
      out: flags.out,
      symbol: flags.symbol ?? null,
      tickSize: flags.tick ?? null,
      lotSize: flags.lot ?? null,
      category: flags.category ?? null,
      onProgress: (pass, done, total) => progress.show(pass === 1 ? 'checking' : 'writing', done, total),
    }).finally(() => progress.end())
    // Read back what was written: the numbers below are those of the file, not of the import.
    const market = recordingStats(await readRecording(flags.out))
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ schemaVersion: 1, out: flags.out, recording: meta, market })}\n`)
    else this.say(plainText(`${importText(meta, flags.out)}\n${marketText(market)}`))
    this.end(EXIT.ok)
  }
}
