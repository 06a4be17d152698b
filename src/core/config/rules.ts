/**
 * What no key can see alone: rules between keys, one row each. An error is a configuration that cannot work as written; a
 * warning works and is probably not meant. Only what the settings themselves say is judged here, never a market.
 */
import { parseBig } from '../domain/fixed.ts'
import type { Effective } from './load.ts'
import type { Problem, Severity } from './problem.ts'
import type { Settings } from './schema.ts'

/** What a rule found. */
export interface RuleFinding {
  readonly message: string
  readonly fix: string
  /** Of the rule's keys the one it is about; otherwise the first that somebody gave a value. */
  readonly key?: string
}

export interface Rule<Facts> {
  readonly code: string
  readonly severity: Severity
  readonly title: string
  /** The first that somebody gave a value is where the problem stands. */
  readonly keys: readonly [string, ...string[]]
  /** Null: nothing to say. */
  check(facts: Facts): RuleFinding | null
}

/** Bybit pushes the book this often; level 1 is repeated every 3 s when nothing changes (docs, 2026-08). */
const FEED_MS: Readonly<Record<number, number>> = { 1: 10, 50: 20, 200: 100, 1000: 200 }
const QUIET_MS = 3_000
const rule = (row: Rule<Settings>): Rule<Settings> => row

export const SETTING_RULES: readonly Rule<Settings>[] = [
  rule({
    code: 'ZERO_LIMIT',
    severity: 'error',
    title: 'A limit of zero lets nothing pass',
    keys: ['quoting.orderValue', 'risk.orderValueMax', 'risk.positionValueMax', 'risk.lossMax', 'risk.drawdownMax'],
    check({ quoting, risk }) {
      const values = {
        'quoting.orderValue': quoting.orderValue,
        'risk.orderValueMax': risk.orderValueMax,
        'risk.positionValueMax': risk.positionValueMax,
        'risk.lossMax': risk.lossMax,
        'risk.drawdownMax': risk.drawdownMax,
      }
      const zero = Object.entries(values).find(([, value]) => money(value) === 0n)
      if (zero === undefined) return null
      return { message: `${zero[0]} is 0: the bot could never quote`, fix: 'Give an amount above zero.' }
    },
  }),
  rule({
    code: 'ORDER_OVER_LIMIT',
    severity: 'error',
    title: 'One quote is larger than one order may be',
    keys: ['quoting.orderValue', 'risk.orderValueMax'],
    check: ({ quoting, risk }) =>
      money(quoting.orderValue) > money(risk.orderValueMax)
        ? {
            message: `quoting.orderValue ${quoting.orderValue} is above risk.orderValueMax ${risk.orderValueMax}: no quote could go out whole`,
            fix: 'Lower quoting.orderValue, or raise risk.orderValueMax if the limit was not meant so low.',
          }
        : null,
  }),
  rule({
    code: 'ORDER_OVER_POSITION',
    severity: 'error',
    title: 'One quote is larger than the position may be',
    keys: ['quoting.orderValue', 'risk.positionValueMax'],
    check: ({ quoting, risk }) =>
      money(quoting.orderValue) > money(risk.positionValueMax)
        ? {
            message: `quoting.orderValue ${quoting.orderValue} is above risk.positionValueMax ${risk.positionValueMax}: the first fill would be at the limit`,
            fix: 'Lower quoting.orderValue well below the limit of the position.',
          }
        : null,
  }),
  rule({
    code: 'POSITION_OVER_CAP',
    severity: 'warning',
    title: 'The strategy aims beyond the hard limit',
    keys: ['quoting.positionValueMax', 'risk.positionValueMax'],
    check: ({ quoting, risk }) =>
      money(quoting.positionValueMax) > money(risk.positionValueMax)
        ? {
            message: `quoting.positionValueMax ${quoting.positionValueMax} is above risk.positionValueMax ${risk.positionValueMax}: the guard will refuse what the strategy wants`,
            fix: 'Keep quoting.positionValueMax below risk.positionValueMax, at most three quarters of it.',
          }
        : null,
  }),
  rule({
    code: 'LADDER_OVER_CAP',
    severity: 'warning',
    title: 'All levels of a side filling would pass the hard limit',
    keys: ['quoting.levelsMax', 'quoting.orderValue', 'risk.positionValueMax'],
    check({ quoting, risk }) {
      const ladder = money(quoting.orderValue) * BigInt(quoting.levelsMax)
      if (ladder <= money(risk.positionValueMax)) return null
      return {
        message: `${quoting.levelsMax} levels of ${quoting.orderValue} are more than risk.positionValueMax ${risk.positionValueMax}: outer levels will be refused`,
        fix: 'Lower quoting.levelsMax or quoting.orderValue, or raise the limit.',
      }
    },
  }),
  rule({
    code: 'LOSS_UNREACHABLE',
    severity: 'warning',
    title: 'The drawdown limit is always reached before the loss limit',
    keys: ['risk.drawdownMax', 'risk.lossMax'],
    check: ({ risk }) =>
      money(risk.drawdownMax) < money(risk.lossMax)
        ? {
            message: `risk.drawdownMax ${risk.drawdownMax} is below risk.lossMax ${risk.lossMax}, which can then never be reached`,
            fix: 'Make risk.drawdownMax at least risk.lossMax.',
          }
        : null,
  }),
  rule({
    code: 'LOSS_OVER_EXPOSURE',
    severity: 'warning',
    title: 'The loss limit is large beside what can be at risk',
    keys: ['risk.lossMax', 'risk.positionValueMax'],
    check({ risk, exchange }) {
      const symbols = BigInt(exchange.symbols?.length ?? 1)
      const exposure = money(risk.positionValueMax) * symbols
      if (money(risk.lossMax) * 5n <= exposure) return null
      return {
        message: `risk.lossMax ${risk.lossMax} is more than a fifth of the largest position (${risk.positionValueMax} × ${symbols}): the market must move over 20 % before the run halts`,
        fix: 'Lower risk.lossMax; one to five percent of the largest position is usual.',
      }
    },
  }),
  rule({
    code: 'LOSS_IN_NOISE',
    severity: 'warning',
    title: 'The loss limit is within the noise of one order',
    keys: ['risk.lossMax', 'quoting.orderValue'],
    check: ({ risk, quoting }) =>
      money(risk.lossMax) * 1_000n < money(quoting.orderValue)
        ? {
            message: `risk.lossMax ${risk.lossMax} is below a tenth of a percent of one order: a single fill can halt the run`,
            fix: 'Raise risk.lossMax or quote less.',
          }
        : null,
  }),
  rule({
    code: 'CANCELS_TAKE_ALL',
    severity: 'error',
    title: 'The reserve for cancels leaves nothing for quotes',
    keys: ['risk.cancelReserve', 'risk.requestsPerS'],
    check: ({ risk }) =>
      risk.cancelReserve >= risk.requestsPerS
        ? {
            message: `risk.cancelReserve ${risk.cancelReserve} of risk.requestsPerS ${risk.requestsPerS} leaves no request for quotes`,
            fix: 'Keep the reserve at a third of risk.requestsPerS or less.',
          }
        : null,
  }),
  rule({
    code: 'LEVERAGE_ON_SPOT',
    severity: 'warning',
    title: 'Spot has no leverage',
    keys: ['exchange.leverage', 'exchange.category'],
    check: ({ exchange }) =>
      exchange.category === 'spot' && exchange.leverage !== undefined
        ? {
            message: `exchange.leverage ${exchange.leverage} means nothing on spot and is compared with nothing`,
            fix: 'Remove it, or choose exchange.category linear.',
          }
        : null,
  }),
  rule({
    code: 'GUARD_KEY_ALONE',
    severity: 'warning',
    title: 'A key for a guard that is not named',
    keys: ['deadman.keyFile', 'deadman.address'],
    check: ({ deadman }) =>
      deadman.keyFile !== undefined && deadman.address === undefined
        ? {
            message: 'deadman.keyFile is given and deadman.address is not: no guard watches this bot',
            fix: 'Name the guard in deadman.address.',
          }
        : null,
  }),
  rule({
    code: 'FEED_TOO_SLOW',
    severity: 'error',
    title: 'The book is older than allowed between two messages',
    keys: ['risk.bookAgeMsMax', 'risk.bookLagMsMax', 'exchange.bookDepth'],
    check({ risk, exchange }) {
      const every = FEED_MS[exchange.bookDepth] ?? 0
      const least = Math.min(risk.bookAgeMsMax, risk.bookLagMsMax)
      if (least > every) return null
      return {
        message: `the book of depth ${exchange.bookDepth} comes every ${every} ms, and a book of ${least} ms is already too old`,
        fix: `Raise risk.bookAgeMsMax and risk.bookLagMsMax well above ${every}, or choose a faster exchange.bookDepth.`,
      }
    },
  }),
  rule({
    code: 'FEED_MARGIN',
    severity: 'warning',
    title: 'A quiet second would pull the quotes',
    keys: ['risk.bookAgeMsMax', 'exchange.bookDepth'],
    check({ risk, exchange }) {
      const every = FEED_MS[exchange.bookDepth] ?? 0
      const least = exchange.bookDepth === 1 ? QUIET_MS + every : every * 10
      if (risk.bookAgeMsMax <= every || risk.bookAgeMsMax > least) return null
      return {
        message: `risk.bookAgeMsMax ${risk.bookAgeMsMax} is short for depth ${exchange.bookDepth}, which may be silent for ${least} ms in a quiet market`,
        fix: `Raise it above ${least}, or accept that quotes are pulled in quiet markets.`,
      }
    },
  }),
  rule({
    code: 'QUOTE_AGE',
    severity: 'warning',
    title: 'Quotes may outlive the book they were made from',
    keys: ['quoting.lifeMsMin', 'risk.bookAgeMsMax'],
    check: ({ quoting, risk }) =>
      quoting.lifeMsMin > risk.bookAgeMsMax
        ? {
            message: `a quote is left for quoting.lifeMsMin ${quoting.lifeMsMin} ms, longer than a book may be old (${risk.bookAgeMsMax} ms)`,
            fix: 'Lower quoting.lifeMsMin.',
          }
        : null,
  }),
  rule({
    code: 'URGENT_BELOW_TOLERANCE',
    severity: 'warning',
    title: 'A quote would be urgent before it is out of tolerance',
    keys: ['quoting.urgentBps', 'quoting.toleranceBps', 'quoting.urgentTicks', 'quoting.toleranceTicks'],
    check: ({ quoting }) =>
      quoting.urgentBps < quoting.toleranceBps || quoting.urgentTicks < quoting.toleranceTicks
        ? {
            message:
              'quoting.urgentBps and urgentTicks are below the tolerance, so quotes never wait for quoting.lifeMsMin',
            fix: 'Make urgentBps at least toleranceBps, and urgentTicks at least toleranceTicks.',
          }
        : null,
  }),
  rule({
    code: 'ADVERSE_BELOW_URGENT',
    severity: 'warning',
    title: 'A quote would be cancelled before it is moved',
    keys: ['quoting.adverseBps', 'quoting.urgentBps', 'quoting.adverseTicks', 'quoting.urgentTicks'],
    check({ quoting: { adverseBps, adverseTicks, urgentBps, urgentTicks } }) {
      const isOff = adverseBps === 0 && adverseTicks === 0
      if (isOff || (adverseBps > urgentBps && adverseTicks > urgentTicks)) return null
      return {
        message:
          'quoting.adverseBps and adverseTicks are not above urgentBps and urgentTicks: quotes that need only be moved are cancelled, and their side pauses',
        fix: 'Make adverseBps larger than urgentBps and adverseTicks larger than urgentTicks, or both 0 to turn it off.',
      }
    },
  }),
  rule({
    code: 'ADVERSE_OVER_EDGE',
    severity: 'warning',
    title: 'The market would have gone through a quote before it is cancelled',
    keys: ['quoting.adverseBps', 'quoting.halfSpreadBpsMin'],
    check: ({ quoting }) =>
      quoting.halfSpreadBpsMin > 0 && quoting.adverseBps > quoting.halfSpreadBpsMin
        ? {
            message: `quotes may stand ${quoting.halfSpreadBpsMin} bps from the price they are centred on, and are cancelled only when it has moved quoting.adverseBps ${quoting.adverseBps} against them`,
            fix: 'Lower quoting.adverseBps to quoting.halfSpreadBpsMin or less.',
          }
        : null,
  }),
  rule({
    code: 'COLLAR_INSIDE_SPREAD',
    severity: 'error',
    title: 'The collar lies inside the least spread',
    keys: ['quoting.halfSpreadBpsMin', 'risk.midBpsMax'],
    check: ({ quoting, risk }) =>
      quoting.halfSpreadBpsMin >= risk.midBpsMax
        ? {
            message: `quotes at least ${quoting.halfSpreadBpsMin} bps from the centre are never within risk.midBpsMax ${risk.midBpsMax} of the mid`,
            fix: 'Lower quoting.halfSpreadBpsMin or raise risk.midBpsMax.',
          }
        : null,
  }),
]

/** What the rules find in settings; where the values were said makes it a problem with a place. */
export function crossKeyProblems(settings: Settings, values: ReadonlyMap<string, Effective>): Problem[] {
  return ruleProblems(SETTING_RULES, settings, values)
}

export function ruleProblems<Facts>(
  rules: readonly Rule<Facts>[],
  facts: Facts,
  values: ReadonlyMap<string, Effective>,
): Problem[] {
  return rules.flatMap((row) => {
    const found = row.check(facts)
    if (found === null) return []
    const given = row.keys.find((key) => values.has(key) && values.get(key)?.origin.kind !== 'default')
    const key = found.key ?? given ?? row.keys[0]
    const origin = values.get(key)?.origin ?? { kind: 'default' }
    return [{ code: row.code, severity: row.severity, origin, ...found, key }]
  })
}

/** Exact: 1e-12 quote coins. */
function money(text: string): bigint {
  return parseBig(text, 12, 'down') ?? 0n
}
