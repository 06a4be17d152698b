/**
 * `mm validate-config` from options to exit code, shared by the fast path and the oclif command. Says everything that is
 * wrong at once; an exchange is asked only when one is named.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { explain, explainKeyText, explainText } from '../config/explain.ts'
import { jsonSchema } from '../config/key-table.ts'
import { type ConfigSources, type Resolution, resolveConfig } from '../config/load.ts'
import type { Problem } from '../config/problem.ts'
import { inOrder } from '../config/problem.ts'
import { recognisedSecrets } from '../config/recognised.ts'
import { ruleProblems } from '../config/rules.ts'
import { configSchema } from '../config/schema.ts'
import type { Packs } from '../engine/state.ts'
import { asksForJson, errorText, refusalLine, refusalOf } from '../error-document.ts'
import { EXIT, fail } from '../errors.ts'
import { plainText } from '../plain-text.ts'
import { workingFolder } from '../working-folder.ts'
import { type ConfigReport, renderConfigReport } from '../report/config-report.ts'
import { marketData, marketFacts, marketRemarks, type MeasuredMarket } from './market-facts.ts'
import { MARKET_RULES } from './market-rules.ts'
import { allPacks, packSchemas } from './packs.ts'
import { parseFast, type ValidateOptions } from './validate-options.ts'

export interface ValidateContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly version: string
  readonly packs: Packs
}

export interface Answer {
  readonly exit: number
  readonly out: string
}

/** Runs the command when the fast parser understands `argv`; false leaves it to oclif. `root` is the package directory. */
export async function runFast(argv: readonly string[], root: string): Promise<boolean> {
  const options = parseFast(argv)
  if (options === undefined) return false
  try {
    const { exit, out } = await validateHere(options, root)
    process.stdout.write(out)
    process.exitCode = exit
  } catch (error) {
    // Whatever it is: 1 would say that the configuration is not usable.
    const refusal = refusalOf(error)
    process.stderr.write(`${errorText(error)}\n`)
    if (asksForJson(argv)) process.stdout.write(refusalLine(refusal))
    process.exitCode = refusal.exit
  }
  return true
}

/** With the packs and the version of the built package in `root`: its files are not beside the caller's when bundled. */
export async function validateHere(options: ValidateOptions, root: string): Promise<Answer> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const packs = await allPacks(pathToFileURL(join(root, 'dist', 'core', 'engine', '/')))
  return validateConfig(options, { env: process.env, cwd: workingFolder(), version, packs })
}

export async function validateConfig(options: ValidateOptions, context: ValidateContext): Promise<Answer> {
  const { packs, env, cwd } = context
  const schemas = packSchemas(packs)
  if (options.schema) {
    return { exit: EXIT.ok, out: `${JSON.stringify(jsonSchema(configSchema(schemas)), null, 2)}\n` }
  }
  const { config, profile, override, set } = options
  const sources: ConfigSources = { config, profile, override, set, env, cwd }
  const resolution = await withoutSecrets(resolveConfig(sources, schemas))
  const asked = await askMarket(options, resolution, context)
  const facts = resolution.config === null ? [] : marketFacts(resolution.config.settings, packs, asked.markets)
  const values = resolution.config?.values ?? new Map()
  const ruled = facts.flatMap((subject) => ruleProblems(MARKET_RULES, subject, values))
  const problems = inOrder(unique([...resolution.problems, ...asked.problems, ...ruled]))
  const exit = exitOf(problems)
  if (options.explain !== undefined) return explained(options, resolution, { exit, problems, context })
  const report: ConfigReport = {
    exit,
    problems,
    texts: resolution.texts,
    file: resolution.file,
    hash: resolution.config?.hash ?? null,
    remarks: [...asked.remarks, ...facts.flatMap(marketRemarks)],
    facts: { markets: facts.map(marketData), asked: asked.data },
    version: context.version,
    cwd,
  }
  return { exit, out: renderConfigReport(report, options.format) }
}

// What holds of the account is found once for each of its symbols.
function unique(problems: readonly Problem[]): Problem[] {
  const first = new Map(problems.toReversed().map((entry) => [`${entry.code} ${entry.message}`, entry]))
  return problems.filter((entry) => first.get(`${entry.code} ${entry.message}`) === entry)
}

/** Also refuses what the scanner's rules recognise. */
async function withoutSecrets(resolution: Resolution): Promise<Resolution> {
  const { problems, hidden } = await recognisedSecrets(resolution)
  const { texts } = resolution
  const shown = { ...texts, hidden: [...texts.hidden, ...hidden] }
  if (problems.length === 0) return { ...resolution, texts: shown }
  return { ...resolution, problems: inOrder([...resolution.problems, ...problems]), config: null, texts: shown }
}

/** What an exchange said. */
export interface Asked {
  readonly markets: readonly MeasuredMarket[]
  readonly problems: readonly Problem[]
  readonly remarks: readonly string[]
  readonly data: object | null
}

const NOT_ASKED: Asked = { markets: [], problems: [], remarks: [], data: null }

async function askMarket(options: ValidateOptions, { config }: Resolution, context: ValidateContext): Promise<Asked> {
  const { venue, exchangeUrl, account } = options
  if (venue === undefined && exchangeUrl === undefined) {
    if (account) fail('USAGE', { what: '--account needs an exchange to ask: --venue or --exchange-url' })
    return NOT_ASKED
  }
  if (config === null) return NOT_ASKED
  const { preflight } = await import('./live-preflight.ts')
  const symbols = options.symbols?.split(',') ?? config.settings.exchange.symbols ?? ['BTCUSDT']
  return preflight({
    venue: venueOf(venue),
    exchangeUrl,
    withAccount: account,
    symbols,
    settings: config.settings,
    env: context.env,
  })
}

function venueOf(text: string | undefined): 'live' | 'testnet' | 'demo' {
  if (text === undefined) return 'testnet'
  if (text === 'live' || text === 'testnet' || text === 'demo') return text
  return fail('USAGE', { what: `--venue ${text}: live, testnet or demo; a simulated exchange has an --exchange-url` })
}

interface Explained {
  readonly exit: number
  readonly problems: readonly Problem[]
  readonly context: ValidateContext
}

function explained(options: ValidateOptions, resolution: Resolution, { exit, problems, context }: Explained): Answer {
  const { explain: path = '', format } = options
  const { config, table, texts, file } = resolution
  if (table.keys.has(path) || (path !== '' && !table.sections.has(path))) {
    const rows = config === null ? [] : explain(config, path)
    const text = explainKeyText(path, table, config)
    const out = format === 'json' ? documentOf(rows, config?.hash) : plainLines(text)
    return { exit, out }
  }
  if (config === null) {
    const { version, cwd } = context
    const report = { exit, problems, texts, file, hash: null, remarks: [], facts: {}, version, cwd }
    return { exit, out: renderConfigReport(report, format) }
  }
  const rows = explain(config, path)
  return { exit, out: format === 'json' ? documentOf(rows, config.hash) : plainLines(explainText(rows)) }
}

function documentOf(keys: object, configHash: string | undefined): string {
  return `${JSON.stringify({ schemaVersion: 1, configHash: configHash ?? null, keys }, null, 2)}\n`
}

function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n')
}

function exitOf(problems: readonly Problem[]): number {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.some(({ isUnreadable }) => isUnreadable === true)) return EXIT.unknown
  return errors.length > 0 ? EXIT.no : EXIT.ok
}
