/** `mm scan-secrets`: parses flags and hands over to `core/scan`. Plain uses never come here: see `main.ts`. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand, commonFlags } from '../base-command.ts'
import { scanCommand } from '../core/scan/main.ts'
import { FORMATS, isFormat, isRange } from '../core/scan/options.ts'

export default class ScanSecrets extends BaseCommand {
  static override summary = 'Find secrets in the working tree, the index, the history, a package or standard input.'
  static override description =
    'Exit codes: 0 clean, 1 secrets found, 2 usage, 3 something could not be read or the self-test failed. Findings of the tier review are shown and do not fail.'
  static override examples = [
    '<%= config.bin %> scan-secrets',
    '<%= config.bin %> scan-secrets --staged',
    '<%= config.bin %> scan-secrets --history main..HEAD --format sarif --output secrets.sarif',
    '<%= config.bin %> scan-secrets --explain bybit-api-secret',
  ]
  static override strict = false
  static override args = { path: Args.string({ description: 'files or folders (default: the whole repository)' }) }
  static override flags = {
    ...commonFlags,
    staged: Flags.boolean({ description: 'what is about to be committed: index blobs, added lines' }),
    history: Flags.boolean({
      description: 'every reachable blob, or those of a range: --history A..B, of one commit: C^!',
    }),
    stdin: Flags.boolean({ description: 'standard input' }),
    package: Flags.string({ description: 'a packed npm tarball', helpValue: 'FILE.tgz' }),
    baseline: Flags.string({ description: 'known findings (default .mm-secrets-baseline)', helpValue: 'FILE' }),
    'write-baseline': Flags.boolean({ description: 'write every finding into the baseline' }),
    allowlist: Flags.string({ description: 'exceptions and own rules (default .mm-secrets.yaml)', helpValue: 'FILE' }),
    strict: Flags.boolean({ description: 'fail on allowed findings too' }),
    format: Flags.string({ description: 'report format', options: [...FORMATS], default: 'text' }),
    output: Flags.string({ description: 'write the report to a file', helpValue: 'FILE' }),
    explain: Flags.string({ description: 'show a rule, or "list"', helpValue: 'RULE' }),
    'install-hook': Flags.boolean({ description: 'install a pre-commit hook that scans the index' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ScanSecrets)
    const words = argv.map(String)
    const range = flags.history && isRange(words[0]) ? words[0] : undefined
    const format = flags.json ? 'json' : flags.format
    const code = await scanCommand(
      {
        paths: range === undefined ? words : words.slice(1),
        staged: flags.staged,
        history: flags.history,
        stdin: flags.stdin,
        writeBaseline: flags['write-baseline'],
        strict: flags.strict,
        format: isFormat(format) ? format : 'text',
        installHook: flags['install-hook'],
        ...(range !== undefined && { range }),
        ...(flags.package !== undefined && { package: flags.package }),
        ...(flags.baseline !== undefined && { baseline: flags.baseline }),
        ...(flags.allowlist !== undefined && { allowlist: flags.allowlist }),
        ...(flags.output !== undefined && { output: flags.output }),
        ...(flags.explain !== undefined && { explain: flags.explain }),
      },
      this.config.root,
    )
    this.end(code)
  }
}
