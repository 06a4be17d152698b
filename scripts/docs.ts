/**
 * Writes docs/reference/ from the tables in the code. A test holds each page and its table together both ways, so a page
 * is never edited by hand: `npm run docs`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './reference-pages.ts'

for (const [name, text] of Object.entries(await referencePages())) {
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', name), text)
  process.stdout.write(`docs/reference/${name}\n`)
}
