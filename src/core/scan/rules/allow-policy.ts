/** Findings about exceptions themselves: an exception that nobody maintains is a hole with a name. */
import type { Rule } from '../rule.ts'

const rule = (id: string, title: string, doc: string): Rule => ({
  id,
  title,
  family: 'generic',
  severity: 'medium',
  doc,
})

export const rules: readonly Rule[] = [
  rule(
    'allow-expired',
    'Allowlist entry expired',
    'Its end has passed; it no longer allows anything. Remove the secret or renew the entry.',
  ),
  rule(
    'allow-invalid',
    'Allowlist entry incomplete',
    'An entry needs a rule, a path or fingerprint, a reason, an owner and an end within 365 days.',
  ),
  rule(
    'allow-unused',
    'Allowlist entry unused',
    'It matched nothing in a scan of the whole tree. Remove it, so that it cannot hide the next secret.',
  ),
]
