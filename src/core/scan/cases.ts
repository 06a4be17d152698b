/**
 * The positives and near-misses of a rule: those its shapes generate plus those written by hand. The canary at start and the
 * generic rule test both read them here.
 */
import type { Rule, Tier } from './rule.ts'
import { Sampler } from './sample.ts'

export interface Case {
  readonly text: string
  readonly tier: Tier
  /** Shape or hand-written list it came from. */
  readonly from: string
}

/** What must be found for `rule`, drawn from `seed`; the first is the rule's canary. */
export function* foundCases(rule: Rule, seed: number): Generator<Case> {
  let count = 0
  for (const shape of rule.tokens ?? []) {
    const sampler = new Sampler(seed + count++)
    const token = shape.sample?.(sampler) ?? sampler.fromPattern(shape.pattern)
    const near = shape.near?.[0] ?? ''
    const tier = shape.check === undefined ? (shape.tier ?? 'likely') : 'review'
    yield { text: `${near} token = "${token}"\n`, tier, from: shape.pattern }
    yield { text: `# ${near}\nexport X=${token}\n`, tier, from: shape.pattern }
  }
  for (const shape of rule.named ?? []) {
    const sampler = new Sampler(seed + count++)
    const name = [shape.names[0] ?? '', shape.with?.[0] ?? (shape.role === 'id' ? 'api_key' : 'api_secret')].join('_')
    const tier = shape.tier ?? (shape.role === 'id' ? 'review' : 'likely')
    yield { text: `${name} = "${sampler.fromPattern(shape.pattern)}"\n`, tier, from: shape.pattern }
  }
  for (const { text, tier } of rule.cases?.found?.(new Sampler(seed)) ?? []) yield { text, tier, from: 'found' }
}

/** What must not be found above `review`: every token cut short, and the hand-written near-misses. */
export function cleanCases(rule: Rule, seed: number): string[] {
  return [...(rule.cases?.clean?.(new Sampler(seed)) ?? [])]
}
