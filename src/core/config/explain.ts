/** Where each effective value came from, as rows and as text: what `mm validate-config --explain` prints. */
import { fail } from '../errors.ts'
import { didYouMean } from '../registry.ts'
import type { KeyRow, KeyTable } from './key-table.ts'
import type { Effective, LoadedConfig } from './load.ts'
import { originText } from './origin.ts'

export interface ExplainedKey {
  readonly key: string
  readonly value: unknown
  readonly origin: string
  /** Strongest first. */
  readonly overrode: readonly { readonly value: unknown; readonly origin: string }[]
}

/** Every key that has a value; of packs that are not chosen only those that somebody gave one. `below`: only that section. */
export function explain({ values, settings }: LoadedConfig, below = ''): ExplainedKey[] {
  const chosen = `strategies.${settings.strategy}.`
  return [...values]
    .filter(([key]) => below === '' || key === below || key.startsWith(`${below}.`))
    .filter(
      ([key, { origin }]) => origin.kind !== 'default' || !key.startsWith('strategies.') || key.startsWith(chosen),
    )
    .map(([key, entry]) => row(key, entry))
}

function row(key: string, { value, origin, overrode }: Effective): ExplainedKey {
  const chain = overrode.map((entry) => ({ value: entry.value, origin: originText(entry.origin) }))
  return { key, value, origin: originText(origin), overrode: chain }
}

/** A table: key, value, origin, and how many others said something else. */
export function explainText(rows: readonly ExplainedKey[]): string {
  const cells = rows.map(({ key, value, origin, overrode }) => {
    const others = overrode.filter((entry) => entry.origin !== 'default').length
    return [key, valueText(value), origin, others === 0 ? '' : `overrode ${others}`]
  })
  const widths = [0, 1, 2].map((column) => Math.max(0, ...cells.map((line) => (line[column] ?? '').length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** What a key is, and the whole chain of its value when there is a usable configuration. Throws USAGE. */
export function explainKeyText(path: string, table: KeyTable, config: LoadedConfig | null): string {
  const key = table.keys.get(path) ?? unknownKey(path, table)
  const entry = config?.values.get(path)
  return `${[...factLines(key), ...(entry === undefined ? notSet(config) : chainLines(entry))].join('\n')}\n`
}

function factLines({ path, description, unit, range, byDefault, example, env, isMutable }: KeyRow): string[] {
  return [
    path,
    `  ${description}`,
    `  takes      ${range}${unit === '' ? '' : `, in ${unit}`}`,
    `  default    ${byDefault === undefined ? 'not set' : valueText(byDefault)}`,
    `  example    ${valueText(example)}`,
    `  variable   ${env}`,
    `  reload     ${isMutable ? 'may change while the bot runs' : 'needs a restart'}`,
  ]
}

function chainLines({ value, origin, overrode }: Effective): string[] {
  const below = overrode.map((entry) => `  overrode   ${valueText(entry.value)}  ${originText(entry.origin)}`)
  return [`  effective  ${valueText(value)}  ${originText(origin)}`, ...below]
}

function notSet(config: LoadedConfig | null): string[] {
  return [config === null ? '  effective  unknown: the configuration cannot be used' : '  effective  not set']
}

function unknownKey(path: string, { keys, sections }: KeyTable): never {
  return fail('USAGE', {
    what: `--explain ${path}: no such key${didYouMean(path, [...keys.keys(), ...sections.keys()])}`,
  })
}

export function valueText(value: unknown): string {
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : (JSON.stringify(value) ?? '')
}
