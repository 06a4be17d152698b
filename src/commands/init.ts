/** `mm init`: writes a commented mm.yaml. */
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { init } from '../core/runtime/init.ts'

export default class Init extends BaseCommand {
  static override summary = 'Write a commented mm.yaml.'
  static override description =
    `Every key with its unit, range and default, made from the schema. Editors check the file against the schema that its
first line names.

Exit codes: 0 written · 2 the file exists, or the folder cannot be made or written.`
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --dir /etc/mm --profile conservative',
    '<%= config.bin %> init --force',
  ]
  static override flags = {
    ...commonFlags,
    dir: Flags.string({ description: 'folder to write into; made when it is not there', default: '.' }),
    force: Flags.boolean({ description: 'overwrite mm.yaml' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Init)
    const file = await init({ dir: flags.dir, force: flags.force, profile: flags.profile, root: this.config.root })
    if (flags.json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, file })}\n`)
    else this.say(plainText(`wrote ${file}\nCheck it with: mm validate-config ${file}`))
    this.end(EXIT.ok)
  }
}
