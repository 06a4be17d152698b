/** `mm cancel-all`: cancels everything at the exchange and proves it. Normally never reached: main.ts runs it directly. */
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { cancelWith } from '../core/cancel/entry.ts'

export default class CancelAll extends BaseCommand {
  static override summary = 'Cancel every open order at the exchange and prove that none is left.'
  static override description =
    `Stops the bot of this host, cancels every order of the account in every category, reads back until the exchange
itself shows none, and writes the proof to a file. Needs no configuration and no running bot. Asks nothing.

Exit codes: 0 zero open orders, verified, writer stopped · 10 zero, but a writer may be alive · 11 orders remain ·
12 ended before the state was known · 13 no key accepted · 14 exchange unreachable · 15 rate limited or shut out ·
16 zero, but some category is not permitted · 2 usage · 70 internal error.`
  static override examples = [
    '<%= config.bin %> cancel-all',
    '<%= config.bin %> cancel-all --dry-run',
    '<%= config.bin %> cancel-all --category linear --symbol BTCUSDT --keep-protective',
    '<%= config.bin %> cancel-all --flatten --yes --deadline 2m --json',
  ]
  static override flags = {
    ...commonFlags,
    venue: Flags.string({
      options: ['live', 'testnet', 'demo', 'paper'],
      description: 'default: where the bot of --state-dir trades, else live',
    }),
    'exchange-url': Flags.string({
      description: 'base URL of the exchange: a running mm exchange, or an official host',
    }),
    category: Flags.string({ default: 'all', description: 'all, or some of linear,inverse,spot,option' }),
    symbol: Flags.string({ description: 'only this symbol' }),
    prefix: Flags.string({ description: 'only orders whose orderLinkId starts so (cancelled by id)' }),
    'keep-protective': Flags.boolean({ description: 'leave conditional, TP/SL and trailing orders' }),
    flatten: Flags.boolean({
      description: 'then close positions with reduce-only IOC slices within 1 % of mark; needs --yes',
    }),
    yes: Flags.boolean({ description: 'confirms --flatten' }),
    fence: Flags.string({
      options: ['ack', 'kill', 'revoke', 'none'],
      default: 'kill',
      description: 'how to stop the bot: ask · ask, then kill · also revoke its key (master key) · leave it',
    }),
    deadline: Flags.string({ default: '60s', description: 'give up after this long' }),
    proof: Flags.string({ description: 'where the proof goes (default: proofs/ in the state directory)' }),
    resolve: Flags.string({ multiple: true, description: 'HOST:IP, use this address for a host' }),
    'dry-run': Flags.boolean({ description: 'list what would go; sends no write' }),
    'credentials-file': Flags.string({ description: 'file with NAME=VALUE lines, mode 0600' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(CancelAll)
    const raw = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [[name, [value].flat().map(String)] as const],
    )
    this.end(await cancelWith(new Map(raw), this.config.root))
  }
}
