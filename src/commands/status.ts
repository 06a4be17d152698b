/** `mm status`: what a running bot does, over its local socket. */
import { spawn } from 'node:child_process'
import { Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { EXIT } from '../core/errors.ts'
import { plainText } from '../core/plain-text.ts'
import { botSocket, botStatus, reloadBot, reloadText, statusText } from '../core/runtime/status.ts'

export default class Status extends BaseCommand {
  static override summary = 'Show the state of a running bot.'
  static override description =
    `Asks the bot of the state folder over its control socket. Exit codes: 0 it answered · 1 --reload: the configuration was
not taken, and nothing changed · 3 no bot answers.`
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch',
    '<%= config.bin %> status --json',
    '<%= config.bin %> status --reload',
  ]
  static override flags = {
    ...commonFlags,
    reload: Flags.boolean({ description: 'make the bot read its configuration again: all of it or nothing' }),
    watch: Flags.boolean({ description: 'the dashboard, until q or Ctrl-C' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Status)
    const where = { stateDir: flags['state-dir'], env: process.env }
    if (flags.reload) return this.reload(where, flags.json)
    const status = await botStatus(where)
    if (flags.watch && process.stdout.isTTY) return this.watch(botSocket(where))
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...status.live, latch: status.latch })}\n`)
    else this.say(plainText(statusText(status)))
    return this.end(EXIT.ok)
  }

  private async reload(where: Parameters<typeof reloadBot>[0], isJson: boolean): Promise<void> {
    const answer = await reloadBot(where)
    if (isJson) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...answer })}\n`)
    else this.say(plainText(reloadText(answer)))
    this.end(answer.reloaded ? EXIT.ok : EXIT.no)
  }

  private watch(socket: string): Promise<void> {
    const main = new URL('../dashboard/main.js', import.meta.url)
    const env = { ...process.env, NODE_ENV: 'production' }
    const child = spawn(process.execPath, [main.pathname, socket], { stdio: 'inherit', env })
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
    })
  }
}
