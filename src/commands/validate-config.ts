/** `mm validate-config`: parses flags and hands over to `core/runtime`. Plain uses never come here: see `main.ts`. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { CONFIG_FORMATS } from '../core/report/config-report.ts'
import { validateHere } from '../core/runtime/validate-config.ts'
import { isConfigFormat, isFileName } from '../core/runtime/validate-options.ts'

export default class ValidateConfig extends BaseCommand {
  static override summary = 'Check the configuration: syntax, schema, rules between keys, and the account if asked.'
  static override description =
    `Names every problem at once, each with its place and the way out, and says what the strategy would quote. With
--explain each effective value and where it came from; with --account what the exchange says of the key and the account.

Exit codes: 0 usable, perhaps with warnings · 1 not usable · 2 bad flag · 3 a file or the exchange could not be read.`
  static override examples = [
    '<%= config.bin %> validate-config',
    '<%= config.bin %> validate-config prod.yaml --format sarif',
    '<%= config.bin %> validate-config --explain risk.lossMax',
    '<%= config.bin %> validate-config --account --venue live',
  ]
  static override strict = false
  static override args = { file: Args.string({ description: 'the configuration (same as --config)' }) }
  static override flags = {
    ...commonFlags,
    format: Flags.string({ description: 'report format', options: [...CONFIG_FORMATS], default: 'text' }),
    explain: Flags.boolean({ description: 'values and origins: of all keys, or of the KEY that follows' }),
    schema: Flags.boolean({ description: 'print the JSON Schema for editors' }),
    account: Flags.boolean({ description: 'ask the exchange about key and account (changes nothing there)' }),
    venue: Flags.string({ description: 'exchange to ask', options: ['demo', 'testnet', 'live'] }),
    'exchange-url': Flags.string({ description: 'ask a running mm exchange at this address' }),
    symbols: Flags.string({ description: 'comma-separated symbols to ask about' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ValidateConfig)
    const words = argv.map(String)
    const key = flags.explain ? (words.find((word) => !isFileName(word)) ?? '') : undefined
    const file = words.find((word) => word !== key) ?? flags.config
    const format = flags.json ? 'json' : flags.format
    const { exit, out } = await validateHere(
      {
        set: flags.set ?? [],
        format: isConfigFormat(format) ? format : 'text',
        schema: flags.schema,
        account: flags.account,
        ...(file !== undefined && { config: file }),
        ...(key !== undefined && { explain: key }),
        ...(flags.profile !== undefined && { profile: flags.profile }),
        ...(flags.override !== undefined && { override: flags.override }),
        ...(flags.venue !== undefined && { venue: flags.venue }),
        ...(flags['exchange-url'] !== undefined && { exchangeUrl: flags['exchange-url'] }),
        ...(flags.symbols !== undefined && { symbols: flags.symbols }),
      },
      this.config.root,
    )
    process.stdout.write(out)
    this.end(exit)
  }
}
