/**
 * Loads every file of the rule folder: a rule is added by adding its file, and no list of them is kept by hand.
 * The build puts a module of static imports in this one's place (scripts/build.js), so that an installed `mm` opens one file.
 */
import { readdirSync } from 'node:fs'
import { invariant } from '../domain/invariant.ts'
import type { Rule } from './rule.ts'

/** All built-in rules, in the order of their file names. */
export async function loadRules(): Promise<Rule[]> {
  const folder = new URL('./rules/', import.meta.url)
  const files = readdirSync(folder).filter((name) => /^[a-z0-9-]+\.(?:ts|js)$/.test(name))
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, folder).href)))
  return modules.flatMap((module: { rules?: readonly Rule[] }, index) => {
    invariant(Array.isArray(module.rules), `rule file ${files[index] ?? ''} must export rules`)
    return module.rules ?? []
  })
}
