/**
 * The one thing an emergency cancel must never do: say zero while an order is open. A bot creates at full speed, the
 * exchange misbehaves by its named scenarios, and the ledger is the judge, at the end and for seconds after it.
 */
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/core/cancel/outcome.ts'
import type { FenceResult } from '../../src/core/cancel/fence-result.ts'
import { CANCEL_EXIT } from '../../src/core/cancel/verdict.ts'
import type { VenueClient } from '../../src/core/cancel/venue-client.ts'
import { Prng } from '../../src/core/domain/prng.ts'
import { faultRules } from '../../src/core/exchange/sim/server/fault-input.ts'
import { FAULT_SCENARIOS } from '../../src/core/exchange/sim/server/fault-scenarios.ts'
import { operator, type Rig, rig, roughLegs, WINDOW_MS, Writer } from './rig.ts'

const SEEDS = process.env['MM_VERIFY'] === '1' ? 1_000 : 60
const PLANTED_WITHIN = 200

/** Exit codes that a scenario may end with, besides 0. */
const { residual, unknown, auth, limited } = CANCEL_EXIT
const SCENARIOS: Readonly<Record<string, readonly number[]>> = {
  'create-lost': [],
  'create-reply-lost': [],
  'create-late': [],
  'create-after-cancel': [],
  'request-lost': [unknown],
  'reply-lost': [unknown],
  'cancel-reply-lost': [],
  'bad-gateway': [unknown],
  'html-success': [unknown],
  'bad-answers': [unknown],
  'cancel-all-survivors': [],
  'cancel-all-idle': [],
  'cancel-all-partial': [],
  'rate-limited': [unknown],
  'rate-limited-reset': [unknown],
  'banned-by-ip': [limited],
  'address-banned': [limited],
  'key-refused': [auth],
  skewed: [unknown],
  'cancel-gone': [],
  'read-lag': [],
  'shifting-pages': [],
  'call-auction': [],
  maintenance: [unknown, residual],
}
// Both lie about the same thing at the same moment: the sweep that should show what a lagging listing hides. Two false
// witnesses that agree cannot be seen through (docs/decisions).
const BOTH_LIE = new Set(['cancel-all-idle', 'call-auction'])

interface Story {
  readonly names: readonly string[]
  readonly outcome: Outcome
  /** Longest count of live orders seen in the seconds after the end, only for a said zero. */
  readonly liveAfter: number
}

async function story(seed: number, plant?: (fence: FenceResult) => FenceResult): Promise<Story> {
  const prng = new Prng(seed)
  const names = plant === undefined ? namesOf(prng) : []
  const world = rig({ seed, symbols: ['BTCUSDT', 'BTCUSD'], faults: { rules: rulesOf(names), seed } })
  const writer = new Writer(world, {
    prng: prng.split('writer'),
    wire: { legs: roughLegs(prng.split('writer legs'), 0.05), ip: '10.0.0.1' },
    skewMs: prng.int(-600, 900),
  })
  await world.run(prng.int(500, 4_000))
  const offsetMs = prng.chance(0.3) ? prng.int(-30_000, 30_000) : prng.int(-200, 200)
  const stopAfterMs = prng.int(0, 900)
  const isKilled = prng.chance(0.5)
  const fence = async (client: VenueClient): Promise<FenceResult> => {
    await client.sleep(stopAfterMs)
    writer.stop()
    const { maxSignedMs } = writer
    const stoppedMs = client.nowMs()
    const raised: FenceResult = {
      level: isKilled ? 'killed' : 'acked',
      isWriterKnown: true,
      isWriterAlive: false,
      acceptableUntilMs: (clock) =>
        isKilled ? clock.latestMs(stoppedMs) + 1_000 + WINDOW_MS : maxSignedMs + WINDOW_MS,
      recheck: () => '',
      notes: [],
    }
    return plant === undefined ? raised : plant(raised)
  }
  const legs = roughLegs(prng.split('operator legs'), plant === undefined ? 0.02 : 0)
  const wire = { legs, ip: '10.0.0.2', clockOffsetUs: offsetMs * 1_000 }
  const outcome = await operator(world, { fence, chance: () => prng.next() }, wire)
  return { names, outcome, liveAfter: outcome.exit === CANCEL_EXIT.proven ? await mostLive(world) : 0 }
}

async function mostLive(world: Rig): Promise<number> {
  let most = world.live()
  for (let i = 0; i < 120; i++) {
    await world.run(50)
    most = Math.max(most, world.live())
  }
  return most
}

function namesOf(prng: Prng): string[] {
  const all = prng.shuffle(Object.keys(SCENARIOS))
  const names = all.slice(0, prng.int(0, 3))
  return names.includes('read-lag') ? names.filter((name) => !BOTH_LIE.has(name)) : names
}

function rulesOf(names: readonly string[]) {
  return faultRules(names.flatMap((name) => FAULT_SCENARIOS.find((scenario) => scenario.name === name)?.rules ?? []))
}

describe('under the whole list of faults', () => {
  test(`${SEEDS} seeds: never a false zero, and every refusal has its code`, { timeout: 900_000 }, async () => {
    let zeros = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { names, outcome, liveAfter } = await story(seed)
      const label = `seed ${seed} [${names.join(' ')}] exit ${outcome.exit}`
      expect(`${label}: ${liveAfter} live`).toBe(`${label}: 0 live`)
      const allowed = [CANCEL_EXIT.proven, ...names.flatMap((name) => SCENARIOS[name] ?? [])]
      expect(allowed, `${label} ${outcome.trouble}`).toContain(outcome.exit)
      if (outcome.exit === CANCEL_EXIT.proven) zeros++
    }
    // Faults may cost time, not the result: an answer is the rule.
    expect(zeros / SEEDS).toBeGreaterThan(0.7)
  })

  test('every scenario named here exists', () => {
    const known = new Set(FAULT_SCENARIOS.map(({ name }) => name))
    expect(Object.keys(SCENARIOS).filter((name) => !known.has(name))).toEqual([])
  })
})

describe('planted bug', () => {
  test(`a fence that names too early a time is caught within ${PLANTED_WITHIN} seeds`, {
    timeout: 900_000,
  }, async () => {
    const early = (fence: FenceResult): FenceResult => ({ ...fence, acceptableUntilMs: () => 0 })
    let caughtAt = 0
    for (let seed = 1; seed <= PLANTED_WITHIN && caughtAt === 0; seed++) {
      if ((await story(seed, early)).liveAfter > 0) caughtAt = seed
    }
    expect(caughtAt).toBeGreaterThan(0)
  })
})
