/** docs/reference/config.md and schema/mm.schema.json as text, from the schema of the configuration. */
import { jsonSchema, type KeyRow, type KeyTable, keyTable } from '../src/core/config/key-table.ts'
import { configSchema } from '../src/core/config/schema.ts'
import { SETTING_RULES } from '../src/core/config/rules.ts'
import { ACCOUNT_CHECKS } from '../src/core/runtime/live-preflight-account.ts'
import { MARKET_RULES } from '../src/core/runtime/market-rules.ts'
import { allPacks, packSchemas } from '../src/core/runtime/packs.ts'

const schema = configSchema(packSchemas(await allPacks()))

export function schemaText(): string {
  return `${JSON.stringify(jsonSchema(schema), null, 2)}\n`
}

/** Lines below the title. */
export function configLines(): string[] {
  const table = keyTable(schema)
  const sections = [...table.sections.values()].filter(({ path }) => path !== '' && keysOf(path, table).length > 0)
  return [
    'Default < profile < file < override file < environment < `--set`, key by key. `mm validate-config --explain` shows where',
    'each value came from. Money is decimal text or a number; everything else has its unit in its name.',
    '',
    ...tableLines(keysOf('', table)),
    ...sections.flatMap(({ path, description }) => [
      `## ${path}`,
      '',
      ...paragraph(description),
      ...tableLines(keysOf(path, table)),
    ]),
    '## Rules between keys',
    '',
    'An error cannot work as written; a warning works and is probably not meant.',
    '',
    '| Code | Severity | What it means | Keys |',
    '|---|---|---|---|',
    ...[...SETTING_RULES, ...MARKET_RULES].map(
      ({ code, severity, title, keys }) =>
        `| \`${code}\` | ${severity} | ${title} | ${keys.map((key) => `\`${key}\``).join(' ')} |`,
    ),
    '',
    '## What `--account` finds',
    '',
    'Beside these: what the exchange says of a key that it refuses (`KEY_UNKNOWN`, `KEY_SIGNATURE`, `KEY_IP_MISMATCH`,',
    '`KEY_EXPIRED`), reads it refuses (`ACCOUNT_UNREADABLE`, exit 3), the clock (`CLOCK_SKEW`) and the symbols',
    '(`SYMBOL_UNKNOWN`, `SYMBOL_NOT_TRADING`, `SYMBOL_ENDING`, `SYMBOL_NO_PRICE`).',
    '',
    '| Code | Severity | What to do |',
    '|---|---|---|',
    ...ACCOUNT_CHECKS.map(({ code, severity, fix }) => `| \`${code}\` | ${severity} | ${cell(fix)} |`),
  ]
}

function paragraph(text: string): string[] {
  return text === '' ? [] : [text, '']
}

// Keys directly in the section.
function keysOf(section: string, { keys }: KeyTable): KeyRow[] {
  const prefix = section === '' ? '' : `${section}.`
  return [...keys.values()].filter(({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.'))
}

function tableLines(rows: readonly KeyRow[]): string[] {
  const lines = rows.map(({ path, range, unit, byDefault, example, description, isMutable, env }) => {
    const name = path.split('.').at(-1) ?? ''
    const value = byDefault === undefined ? `(${JSON.stringify(example)})` : `\`${String(byDefault)}\``
    return `| \`${name}\` | ${cell(range)} | ${unit} | ${cell(value)} | ${isMutable ? 'yes' : ''} | ${cell(description)} | \`${env}\` |`
  })
  return [
    '| Key | Takes | Unit | Default (or example) | Reload | What it is | Variable |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
