/**
 * The configuration as one strict schema, built with the keys that strategies and guards bring in their own files. The
 * types, the JSON Schema, the names of variables, the reference page and the file of `mm init` derive from it.
 */
import { z } from 'zod'
import { decimal, metaOf, number, numberOrNone, oneOf, path, text, whole, words, yesNo } from './key.ts'

/** A key that a pack declares: what the file of a strategy or guard says, as data. */
export interface PackKeyData {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly default: number
  readonly example: number
  readonly mutable: boolean
  readonly isInteger?: boolean | undefined
}

/** Keys by pack id. */
export interface PackSchemas {
  readonly strategies: ReadonlyMap<string, readonly PackKeyData[]>
  readonly guards: ReadonlyMap<string, readonly PackKeyData[]>
}

const HOUR_MS = 3_600_000

const quoting = z
  .strictObject({
    orderValue: decimal('300', {
      description: 'Value of one quote, rounded down to lots.',
      unit: 'quote coins',
      example: '300',
      isMutable: true,
      isInStarter: true,
    }),
    positionValueMax: decimal('3000', {
      description: 'Position that the strategy should stay within; the hard limit is risk.positionValueMax.',
      unit: 'quote coins',
      example: '3000',
      isMutable: true,
      isInStarter: true,
    }),
    halfSpreadBpsMin: number([0, 1_000], 0, {
      description: 'Least distance of the best quotes from the price they are centred on.',
      unit: 'bps',
      example: 1.5,
      isMutable: true,
    }),
    levelsMax: whole([1, 10], 3, {
      description: 'Live orders a side, at most. The strategy says how many it wants.',
      unit: 'orders',
      example: 3,
      isInStarter: true,
    }),
    toleranceTicks: whole([0, 1_000_000], 1, {
      description: 'A quote this close to its price is left alone; the larger of this and toleranceBps counts.',
      unit: 'ticks',
      example: 1,
      isMutable: true,
    }),
    urgentTicks: whole([0, 1_000_000], 2, {
      description: 'A quote too aggressive by more is moved at once; the larger of this and urgentBps counts.',
      unit: 'ticks',
      example: 2,
      isMutable: true,
    }),
    toleranceBps: number([0, 1_000], 0.3, {
      description: 'The same as toleranceTicks in basis points, so that it means the same on every symbol.',
      unit: 'bps',
      example: 0.3,
      isMutable: true,
    }),
    urgentBps: number([0, 1_000], 0.6, {
      description: 'The same as urgentTicks in basis points.',
      unit: 'bps',
      example: 0.6,
      isMutable: true,
    }),
    lifeMsMin: whole([0, HOUR_MS], 200, {
      description: 'Any other quote is changed only this long after it was placed or last changed.',
      unit: 'ms',
      example: 200,
      isMutable: true,
    }),
    adverseBps: number([0, 1_000], 3, {
      description:
        'A quote is cancelled at once, however young, when the mid went against it so far since its price was set; the larger of this and adverseTicks counts, both 0 turn it off.',
      unit: 'bps',
      example: 3,
      isMutable: true,
    }),
    adverseTicks: whole([0, 1_000_000], 5, {
      description: 'The same as adverseBps in ticks, for symbols whose tick is wide.',
      unit: 'ticks',
      example: 5,
      isMutable: true,
    }),
    adversePauseMs: whole([0, 60_000], 500, {
      description: 'After such a cancel its side shows nothing new for so long. Cancels never wait.',
      unit: 'ms',
      example: 500,
      isMutable: true,
    }),
    sizeToleranceBps: whole([0, 10_000], 5_000, {
      description: 'Difference between wanted and resting size that is let be; 10000 is all of it.',
      unit: 'bps',
      example: 5_000,
      isMutable: true,
    }),
    isPostOnly: yesNo(true, { description: 'Quotes never take.', example: true }),
    mayAmend: yesNo(true, { description: 'Change quotes by amending instead of cancelling.', example: true }),
  })
  .prefault({})
  .meta({ description: 'How much is quoted, and when a quote is moved.' })

const risk = z
  .strictObject({
    positionValueMax: decimal('4000', {
      description: 'Hard limit of the position of a symbol, open orders counted.',
      unit: 'quote coins',
      example: '4000',
      isMutable: true,
      isInStarter: true,
    }),
    orderValueMax: decimal('1000', {
      description: 'Hard limit of one order.',
      unit: 'quote coins',
      example: '1000',
      isMutable: true,
      isInStarter: true,
    }),
    lossMax: decimal('100', {
      description: 'Loss since start at which the run halts.',
      unit: 'quote coins',
      example: '100',
      isInStarter: true,
    }),
    drawdownMax: decimal('200', {
      description: 'Fall from the best profit of the day (UTC), over all runs, at which the run halts.',
      unit: 'quote coins',
      example: '200',
      isInStarter: true,
    }),
    bookAgeMsMax: whole([1, HOUR_MS], 5_000, {
      description: 'Quotes are pulled when the last book message is older.',
      unit: 'ms',
      example: 5_000,
      isMutable: true,
    }),
    bookLagMsMax: whole([1, HOUR_MS], 5_000, {
      description: 'Quotes are pulled when the book comes this much later than it was made. Needs a true clock.',
      unit: 'ms',
      example: 1_000,
      isMutable: true,
    }),
    midBpsMax: whole([1, 10_000], 200, {
      description: 'No quote further than this from the mid.',
      unit: 'bps',
      example: 200,
      isMutable: true,
    }),
    placesPerS: whole([2, 10_000], 10, {
      description: 'Places in any second, at most: the quota of the account.',
      unit: '1/s',
      example: 10,
    }),
    amendsPerS: whole([2, 10_000], 10, {
      description: 'Amends in any second, at most: the quota of the account.',
      unit: '1/s',
      example: 10,
    }),
    requestsPerS: whole([1, 10_000], 30, {
      description: 'Requests of all kinds a second.',
      unit: '1/s',
      example: 30,
    }),
    cancelReserve: whole([0, 10_000], 10, {
      description: 'Requests of requestsPerS that only cancels may use.',
      unit: 'requests',
      example: 10,
    }),
  })
  .prefault({})
  .meta({ description: 'Limits that nothing passes. They never rise while the bot runs.' })

const exchange = z
  .strictObject({
    category: oneOf(['linear', 'spot'], 'linear', {
      description: 'Kind of instruments. In spot a run counts its position from zero, by its own fills.',
      example: 'linear',
      refusals: {
        inverse: 'an inverse contract earns and loses its own coin, and mm counts limits and profit in quote coins',
        option: 'options need another kind of order and of risk than mm has',
      },
    }),
    symbols: words(/^[A-Z0-9-]{2,30}$/, {
      description: 'What is quoted when no --symbols are given; otherwise BTCUSDT, or the symbol of the recording.',
      example: ['BTCUSDT', 'ETHUSDT'],
    }),
    botId: text(/^[0-9a-z]{2}$/, '00', {
      description: 'Part of every order id, two characters of 0-9 and a-z: tells bots of one account apart.',
      example: '00',
    }),
    bookDepth: oneOf([1, 50, 200, 1000], 50, {
      description: 'Depth of book asked for.',
      unit: 'levels a side',
      example: 50,
    }),
    leverage: numberOrNone([1, 200], {
      description:
        'Leverage that the account must have set for every symbol; mm never sets it. validate-config --account and the start of mm trade compare.',
      unit: 'times',
      example: 10,
    }),
    createWindowMs: whole([100, 2_000], 1_000, {
      description: 'Receive window of creates: they land within it or never.',
      unit: 'ms',
      example: 1_000,
    }),
    credentialsFile: path({
      description: 'File of mode 0600 with MM_API_KEY=… and MM_API_SECRET=… lines. Keys themselves never stand here.',
      example: '/etc/mm/keys.env',
    }),
  })
  .prefault({})
  .meta({ description: 'What is traded, and how the exchange is reached.' })

const deadman = z
  .strictObject({
    address: path({
      description:
        'The mm guard that watches a run against a real exchange: PATH of its socket (with a slash), or HOST:PORT. No start when it does not answer.',
      example: '/run/mm/guard.sock',
    }),
    keyFile: path({
      description: 'File of mode 0600 with the key shared with a guard on another host.',
      example: '/etc/mm/guard.key',
    }),
  })
  .prefault({})
  .meta({ description: 'The dead-man process, which cancels everything when the bot falls silent.' })

const log = z
  .strictObject({
    level: oneOf(['debug', 'info', 'warn', 'error', 'silent'], 'info', {
      description: 'Least level logged.',
      example: 'info',
      isInStarter: true,
    }),
    file: path({
      description: 'The log is appended here; otherwise to mm.log in the state folder.',
      example: 'mm.log',
    }),
  })
  .prefault({})
  .meta({ description: 'The log.' })

const STRATEGY = {
  default: 'glft',
  facts: { description: 'Id of the strategy.', example: 'glft', isInStarter: true },
} as const

const packValues = z.record(z.string(), z.record(z.string(), z.number()))
const shape = { quoting, risk, exchange, deadman, log }

/** For the types only: with the packs' keys it is `configSchema`. */
const plain = z.strictObject({ strategy: z.string(), ...shape, strategies: packValues, guards: packValues })

/** Money is text after loading, whatever it was in the file. */
type Loaded<T> = [string | number] extends [T]
  ? string
  : T extends readonly (infer E)[]
    ? readonly E[]
    : T extends object
      ? { readonly [K in keyof T]: Loaded<T[K]> }
      : T

export type Settings = Loaded<z.output<typeof plain>>

export type ConfigSchema = ReturnType<typeof configSchema>

/** The schema with the keys of every pack in it. Parsing fills in defaults and changes nothing else. */
export function configSchema({ strategies, guards }: PackSchemas) {
  // Code generation pays off after thousands of documents; here there are a handful.
  z.config({ jitless: true })
  const ids = [...strategies.keys()]
  const fallback = ids.includes(STRATEGY.default) ? STRATEGY.default : (ids[0] ?? '')
  return z
    .strictObject({
      strategy: oneOf(ids, fallback, STRATEGY.facts),
      ...shape,
      strategies: packSection(strategies, true).meta({ description: 'Keys of strategies, by strategy.' }),
      guards: packSection(guards, false).meta({
        description: 'Keys of guards, by guard. They win over what is derived from `risk`, which is easier to write.',
      }),
    })
    .meta({ title: 'mm configuration', description: 'Configuration of mm, the market-making toolkit for Bybit.' })
}

function packSection(packs: PackSchemas['strategies'], hasDefaults: boolean) {
  const sections = [...packs].map(([id, keys]) => {
    const rows = keys.map((key) => [key.name, packKey(key, hasDefaults)] as const)
    return [id, z.strictObject(Object.fromEntries(rows)).optional()] as const
  })
  return z.strictObject(Object.fromEntries(sections)).prefault({})
}

// Not given means: the pack decides. Its default is said, and not filled in.
function packKey(key: PackKeyData, hasDefault: boolean) {
  const inRange = z.number().min(key.min).max(key.max)
  const typed = key.isInteger === true ? inRange.int() : inRange
  const { description, unit, example, mutable } = key
  return typed.optional().meta({
    ...metaOf({ description, unit, example, isMutable: mutable }),
    ...(hasDefault && { default: key.default }),
  })
}
