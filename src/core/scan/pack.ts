/** Short forms for rules that are one line of a table: many providers share "beginning + length + alphabet" and no more. */
import type { Family, NamedShape, Rule, Severity, TokenShape } from './rule.ts'

interface Meta {
  readonly family: Family
  readonly severity?: Severity
  readonly doc?: string
}

/** A row of a token pack: id, title, patterns. */
export type TokenRow = readonly [id: string, title: string, ...patterns: (string | TokenShape)[]]

/** Rules for tokens that their beginning gives away. */
export function tokenPack(meta: Meta, rows: readonly TokenRow[]): Rule[] {
  return rows.map(([id, title, ...patterns]) => ({
    id,
    title,
    family: meta.family,
    severity: meta.severity ?? 'high',
    doc: meta.doc ?? `${title}: recognised by its beginning, length and alphabet.`,
    tokens: patterns.map((pattern) => (typeof pattern === 'string' ? { pattern } : pattern)),
  }))
}

/** A row of a named pack: id, title, words of the name, patterns of the whole value. */
export type NamedRow = readonly [
  id: string,
  title: string,
  names: string,
  ...patterns: (string | Omit<NamedShape, 'names'>)[],
]

/** Rules for values whose owner only the name tells. */
export function namedPack(meta: Meta, rows: readonly NamedRow[]): Rule[] {
  return rows.map(([id, title, names, ...patterns]) => ({
    id,
    title,
    family: meta.family,
    severity: meta.severity ?? 'high',
    doc: meta.doc ?? `${title}: length and alphabet beside its owner's name.`,
    named: patterns.map((pattern) => ({
      names: names.split(' '),
      ...(typeof pattern === 'string' ? { pattern } : pattern),
    })),
  }))
}
