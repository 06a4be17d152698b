// Writes docs/reference/secret-rules.md from the rules themselves: node scripts/secret-rules.ts
import { writeFileSync } from 'node:fs'
import { builtInRules } from '../src/core/scan/rule-set.ts'
import { ruleTable } from '../src/core/scan/rule-text.ts'

const { rules } = await builtInRules()
const shapes = rules.reduce((sum, rule) => sum + (rule.tokens?.length ?? 0) + (rule.named?.length ?? 0), 0)
const page = `# Secret rules

Written by \`node scripts/secret-rules.ts\`; a test compares it with the rules. ${rules.length} rules, ${shapes} shapes.
\`mm scan-secrets --explain RULE\` shows the shapes of one.

${ruleTable(rules)}
`
writeFileSync(new URL('../docs/reference/secret-rules.md', import.meta.url), page)
