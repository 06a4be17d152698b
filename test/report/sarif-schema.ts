/**
 * The SARIF 2.1.0 schema of OASIS (docs.oasis-open.org/sarif/sarif/v2.1.0, rtm.5). It is written in draft 4, of which it uses
 * nothing that later drafts read differently but the two header keywords removed here.
 */
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

export function sarifValidator(): ValidateFunction {
  const text = readFileSync(new URL('../fixtures/sarif-2.1.0.schema.json', import.meta.url), 'utf8')
  const { $schema: _, id: __, ...schema } = JSON.parse(text) as Record<string, unknown>
  return new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false }).compile(schema)
}
