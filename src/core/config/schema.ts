/**
 * The configuration as a schema: strict, every key with its unit in the name, a description, a default. Keys of
 * strategies and guards are not here: each pack brings its own, and they arrive as data.
 */
import { z } from 'zod'

/** Plain decimal text, or a number that prints as one: money and sizes never pass through floats after this. */
const decimal = (description: string) =>
  z
    .union([z.string(), z.number()])
    .transform((value) => String(value))
    .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'must be a positive decimal such as 250 or 0.5'))
    .describe(description)

const whole = (min: number, max: number) => z.number().int().min(min).max(max)

const packValues = z.record(z.string(), z.record(z.string(), z.number())).default({})

export const schema = z.strictObject({
  strategy: z.string().default('glft').describe('Id of the strategy.'),
  strategies: packValues.describe('Keys of strategies, by strategy id.'),
  guards: packValues.describe('Keys of guards in grid units, by guard id; they win over what `risk` derives.'),
  quoting: z
    .strictObject({
      orderValue: decimal('Value of one quote in quote coins, rounded down to lots.').default('300'),
      positionValueMax: decimal('Position that the strategy should stay within, in quote coins.').default('3000'),
      halfSpreadBpsMin: z.number().min(0).max(1000).default(0).describe('Least distance from the centre.'),
      levelsMax: whole(1, 10).default(3).describe('Live orders a side, at most.'),
      toleranceTicks: whole(0, 1_000_000).default(1).describe('A quote this close to its price is left alone.'),
      urgentTicks: whole(0, 1_000_000).default(2).describe('A quote too aggressive by more is moved at once.'),
      lifeMsMin: whole(0, 3_600_000).default(200).describe('Otherwise a quote is changed only after this time.'),
      sizeToleranceBps: whole(0, 10_000).default(5_000).describe('Tolerated difference of size.'),
      isPostOnly: z.boolean().default(true).describe('Quotes never take.'),
      mayAmend: z.boolean().default(true).describe('Change quotes by amending instead of cancelling.'),
    })
    .prefault({}),
  risk: z
    .strictObject({
      positionValueMax: decimal('Hard limit of the position in quote coins, open orders counted.').default('4000'),
      orderValueMax: decimal('Hard limit of one order in quote coins.').default('1000'),
      lossMax: decimal('Loss since start, in quote coins, at which the run halts.').default('100'),
      drawdownMax: decimal('Fall from the best profit, in quote coins, at which the run halts.').default('200'),
      bookAgeMsMax: whole(1, 3_600_000).default(5_000).describe('Quotes are pulled from an older book.'),
      bookLagMsMax: whole(1, 3_600_000).default(5_000).describe('Quotes are pulled when the book is that far behind.'),
      midBpsMax: whole(1, 10_000).default(200).describe('No quote further than this from the mid.'),
      placesPerS: whole(2, 10_000).default(10).describe('Places in any second, at most: the limit of the account.'),
      amendsPerS: whole(2, 10_000).default(10).describe('Amends in any second, at most: the limit of the account.'),
      requestsPerS: whole(1, 10_000).default(30).describe('Requests of all kinds a second.'),
      cancelReserve: whole(0, 10_000).default(10).describe('Requests that only cancels may use.'),
    })
    .prefault({}),
  exchange: z
    .strictObject({
      category: z.enum(['linear', 'inverse', 'spot']).default('linear').describe('Kind of instruments.'),
      botId: z
        .string()
        .regex(/^[0-9a-z]{2}$/, 'must be two characters of 0-9 and a-z')
        .default('00')
        .describe('Part of every order id: tells bots of one account apart.'),
      bookDepth: z.literal([1, 50, 200, 1000]).default(50).describe('Levels a side asked for.'),
      createWindowMs: whole(100, 2_000).default(1_000).describe('Receive window of creates: they land in it or never.'),
      credentialsFile: z.string().optional().describe('File with MM_API_KEY=… and MM_API_SECRET=…, mode 0600.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('Least level logged.'),
      file: z.string().optional().describe('Append the log to this file; otherwise it is in the state folder.'),
    })
    .prefault({}),
})

export type Settings = z.output<typeof schema>

/** Values of the shipped profiles, over the defaults. */
export const PROFILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: {},
  conservative: {
    quoting: { orderValue: '100', positionValueMax: '1000', levelsMax: 1, halfSpreadBpsMin: 2 },
    risk: { positionValueMax: '1200', orderValueMax: '200', lossMax: '25', drawdownMax: '50' },
  },
  aggressive: {
    quoting: { orderValue: '1000', positionValueMax: '10000', levelsMax: 5, lifeMsMin: 100 },
    risk: { positionValueMax: '15000', orderValueMax: '3000', lossMax: '500', drawdownMax: '1000' },
  },
}
