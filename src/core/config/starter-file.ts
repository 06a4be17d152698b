/**
 * The commented mm.yaml that `mm init` writes, made from the key table: what an operator must decide stands there with its
 * value, everything else as a comment that shows the default. A line of this file wins over --profile.
 */
import { DECIMAL } from './key.ts'
import type { KeyRow, KeyTable } from './key-table.ts'

export interface StarterOptions {
  /** Where editors find the schema. */
  readonly schemaPath: string
  /** Values of a profile, by path; keys that are in it are written out. */
  readonly values: ReadonlyMap<string, unknown>
}

const WIDTH = 100

export function starterFile(table: KeyTable, options: StarterOptions): string {
  const root = table.sections.get('')?.names ?? []
  const parts = root.map((name) => {
    const key = table.keys.get(name)
    return key === undefined ? sectionLines(name, table, options) : keyLines(key, 0, options)
  })
  return `${[...head(options), ...parts.flatMap((lines) => ['', ...lines])].join('\n')}\n`
}

function head({ schemaPath }: StarterOptions): string[] {
  return [
    `# yaml-language-server: $schema=${schemaPath}`,
    '#',
    '# Configuration of mm. Units are in the names. A line that is commented out shows the default.',
    '# Stronger, in this order: --override FILE, variables such as MM_RISK__LOSS_MAX, --set key=value.',
    '# Weaker: --profile, the defaults. Keys of an exchange never stand here: see exchange.credentialsFile.',
    '# Check it:  mm validate-config        Where a value comes from:  mm validate-config --explain',
  ]
}

// A section of which nothing is written out is a comment as a whole.
function sectionLines(path: string, table: KeyTable, options: StarterOptions): string[] {
  const section = table.sections.get(path)
  const depth = path.split('.').length - 1
  const name = path.split('.').at(-1) ?? ''
  const inner = (section?.names ?? []).flatMap((child) => {
    const key = table.keys.get(`${path}.${child}`)
    const lines =
      key === undefined ? sectionLines(`${path}.${child}`, table, options) : keyLines(key, depth + 1, options)
    return depth === 0 ? [...lines, ''] : lines
  })
  if (inner.at(-1) === '') inner.pop()
  const isActive = inner.some((line) => line !== '' && !line.trimStart().startsWith('#'))
  const opening = `${'  '.repeat(depth)}${isActive ? '' : '# '}${name}:`
  return [...comment(section?.description ?? '', depth), opening, ...inner]
}

function keyLines(key: KeyRow, depth: number, { values }: StarterOptions): string[] {
  const given = values.get(key.path)
  const value = given ?? key.byDefault ?? key.example
  const isActive = given !== undefined || key.isInStarter
  const name = key.path.split('.').at(-1) ?? ''
  const unit = key.unit === '' ? '' : ` In ${key.unit}.`
  const range = key.type === 'decimal' ? '' : ` Takes ${key.range}.`
  const line = `${'  '.repeat(depth)}${isActive ? '' : '# '}${name}: ${isMoney(key, value) ? value : yamlText(value)}`
  return [...comment(`${key.description}${unit}${range}`, depth), line]
}

// Plain as a person would write it; loading keeps it exact.
function isMoney({ type }: KeyRow, value: unknown): value is string {
  return type === 'decimal' && typeof value === 'string' && DECIMAL.test(value)
}

// Text that YAML would take for something else is quoted.
function yamlText(value: unknown): string {
  const isWord = typeof value === 'string' && /^[a-z][a-z-]+$/.test(value) && !/^(true|false|null)$/.test(value)
  return isWord ? value : JSON.stringify(value)
}

function comment(text: string, depth: number): string[] {
  const indent = `${'  '.repeat(depth)}# `
  const lines: string[] = []
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1)
    if (last !== undefined && indent.length + last.length + word.length < WIDTH)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${indent}${line}`)
}
