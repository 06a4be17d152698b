/** `mm guard`: the dead-man process. A bot that falls silent has its orders cancelled. */
import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { runGuard } from '../core/deadman/run.ts'
import { EXIT, fail } from '../core/errors.ts'
import { plainLine } from '../core/plain-text.ts'
import { parseDurationMs } from '../core/duration.ts'
import { statePath } from '../core/state-path.ts'

export default class Guard extends BaseCommand {
  static override summary = 'Cancel everything when the bot falls silent.'
  static override description =
    `A small process beside the bot (or on another host). Armed by the first heartbeat of mm trade --guard; disarmed when
that bot ends with a proven zero. Silence for the TTL fires mm cancel-all for the whole account, again and again until
the exchange shows zero. Tests itself with a dry run every hour. Never subscribes to the venue's own disconnect topic.

Exit codes: 0 stopped when asked · 2 bad flag, key file or address · 4 another guard listens there.`
  static override examples = [
    '<%= config.bin %> guard',
    '<%= config.bin %> guard --ttl 5s --alert https://hooks.example.com/services/mm',
    '<%= config.bin %> guard --listen 10.0.0.7:9470 --key-file guard.key --venue live --fence revoke',
  ]
  static override flags = {
    ...commonFlags,
    ttl: Flags.string({ default: '10s', description: 'silence that fires; at least 3s' }),
    socket: Flags.string({ description: 'socket of this host (default: guard.sock in the state directory)' }),
    listen: Flags.string({ description: 'HOST:PORT for signed heartbeats of another host', dependsOn: ['key-file'] }),
    'key-file': Flags.string({ description: 'shared key of both hosts, mode 0600', dependsOn: ['listen'] }),
    alert: Flags.string({ description: 'webhook told when it fires or cannot reach the exchange' }),
    venue: Flags.string({ options: ['live', 'testnet', 'demo'], description: 'default: where the bot says it trades' }),
    'exchange-url': Flags.string({
      description: 'base URL of the exchange: a running mm exchange, or an official host',
    }),
    fence: Flags.string({
      options: ['ack', 'kill', 'revoke', 'none'],
      default: 'kill',
      description: 'as of cancel-all',
    }),
    deadline: Flags.string({ default: '60s', description: 'length of one try' }),
    'credentials-file': Flags.string({ description: 'file with NAME=VALUE lines, mode 0600' }),
  }

  protected override lineFields(): object {
    return { ts: Date.now() }
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Guard)
    const ttlMs = parseDurationMs(flags.ttl)
    if (ttlMs === null || ttlMs < 3_000)
      fail('FLAG_RANGE', { flag: 'ttl', value: flags.ttl, rule: 'must be at least 3s' })
    const cancel = ['venue', 'exchange-url', 'fence', 'deadline', 'credentials-file', 'state-dir'] as const
    const chosen = cancel.flatMap((name) => {
      const value = flags[name]
      return value === undefined ? [] : [[name, [value]] as const]
    })
    await runGuard(
      {
        ttlMs,
        address: flags.listen ?? flags.socket ?? join(statePath(flags['state-dir'], process.env), 'guard.sock'),
        keyFile: flags['key-file'] ?? '',
        alertUrl: flags.alert ?? '',
        cancel: new Map(chosen),
      },
      {
        env: process.env,
        root: this.config.root,
        emit: (line) => flags.json && process.stdout.write(`${JSON.stringify({ ...line, ts: Date.now() })}\n`),
        say: (text) => this.say(plainLine(text), flags.json),
      },
    )
    this.end(EXIT.ok)
  }
}
