/**
 * Rules of a repository are tried before they are used: a rule that cannot be compiled, or does not find what its own pattern
 * describes, would say "clean" for as long as nobody looks.
 */
import { InvariantError } from '../domain/invariant.ts'
import { foundCases } from './cases.ts'
import { Engine } from './engine.ts'
import type { Rule } from './rule.ts'
import { compileRules } from './rule-set.ts'

/** Values made from a pattern. */
const TRIES = 16

/** What is wrong with the first rule that does not do; undefined when all do. */
export function ownRuleFault(rules: readonly Rule[]): string | undefined {
  const ids = new Set<string>()
  for (const rule of rules) {
    if (ids.has(rule.id)) return `two rules are called ${rule.id}`
    ids.add(rule.id)
    const fault = faultOf(rule)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultOf(rule: Rule): string | undefined {
  const engine = engineOf(rule)
  if (typeof engine === 'string') return engine
  for (let seed = 1; seed <= TRIES; seed++) {
    for (const { text } of foundCases(rule, seed)) {
      const buf = Buffer.from(text, 'latin1')
      const hits = engine.scan({ buf, from: 0, end: buf.length, path: 'a.env', isBinary: false })
      if (hits.length === 0)
        return `rule ${rule.id}: does not find what it describes. It is for tokens: 16 or more letters, digits and + / = _ -, that begin with three fixed ones`
    }
  }
  return undefined
}

function engineOf(rule: Rule): Engine | string {
  try {
    return new Engine(compileRules([rule]))
  } catch (error) {
    if (error instanceof InvariantError)
      return `rule ${rule.id}: its pattern does not begin with three fixed characters`
    throw error
  }
}
