/** A rule as text: for `--explain` and for the reference page. Made from the rule itself, so that it cannot go stale. */
import type { Rule } from './rule.ts'

export function ruleText(rule: Rule): string {
  const { id, title, family, severity, doc, tokens = [], named = [] } = rule
  const lines = [`${id}: ${title}`, `  ${severity}, ${family}`, `  ${doc}`]
  for (const { pattern, near } of tokens) lines.push(`  token   ${pattern}${near ? `   near ${near.join(', ')}` : ''}`)
  for (const { names, pattern, role } of named)
    lines.push(`  named   ${names.join(', ')}: ${pattern}${role ? `   (${role})` : ''}`)
  lines.push(`  allow   mm-allow-secret: ${id} until=YYYY-MM-DD REASON`)
  return `${lines.join('\n')}\n`
}

/** The generated table of docs/reference/secret-rules.md. */
export function ruleTable(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, title, severity, family, doc }) => `| \`${id}\` | ${title} | ${severity} | ${family} | ${cell(doc)} |`,
  )
  return ['| Rule | Finds | Severity | Family | Basis |', '|---|---|---|---|---|', ...rows].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
