/** `mm resume`: the one way to clear the HALT latch, after somebody has looked. */
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT, fail } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { resumeTrading } from '../core/runtime/halt.ts'
import { statePath } from '../core/state-path.ts'

export default class Resume extends BaseCommand {
  static override summary = 'Allow the next start after a halt.'
  static override description =
    `Clears the HALT latch of the state folder. --ack must name the halt that was looked at, --reason why it is safe to go
on; both are kept in resume.log, and in the journal of the next run.

Exit codes: 0 cleared · 1 the latch was not set · 2 bad flag · 4 the latch was set by another halt than --ack names.`
  static override examples = [
    '<%= config.bin %> resume --ack trade-m5x1-0a2b --reason "fat finger on the other desk, position checked"',
    '<%= config.bin %> resume --ack unreadable --reason "disk replaced" --state-dir /var/lib/mm',
  ]
  static override flags = {
    ...commonFlags,
    ack: Flags.string({ description: 'id of the halt, as the refused start printed it', required: true }),
    reason: Flags.string({ description: 'why it is safe to trade again', required: true }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Resume)
    const reason = flags.reason.trim()
    if (reason.length < 3) fail('FLAG_RANGE', { flag: 'reason', value: flags.reason, rule: 'say why, in words' })
    const dir = statePath(flags['state-dir'], process.env)
    const halt = resumeTrading(dir, { ack: flags.ack, reason, nowMs: Date.now() })
    if (flags.json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, cleared: halt, reason })}\n`)
    else this.say(plainText(`cleared: ${halt.reason}`))
    this.end(EXIT.ok)
  }
}
