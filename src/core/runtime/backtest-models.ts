/**
 * The models behind a backtest as an operator names them: latencies per leg and the queue. Every model used is named in
 * the report, because a profit without them means nothing.
 */
import { Prng } from '../domain/prng.ts'
import { parseDurationMs } from '../duration.ts'
import { fail } from '../errors.ts'
import { constantLatency, type LatencyModel, lognormalLatency } from '../exchange/sim/latency.ts'
import { QUEUE_MODELS, type QueueModel } from '../exchange/sim/queue-model.ts'

export const QUEUE_MODEL_NAMES: readonly string[] = QUEUE_MODELS.map(({ name }) => name)
export const QUEUE_MODEL_DEFAULT = 'power1-2'

export function queueModelNamed(name: string): QueueModel {
  const model = QUEUE_MODELS.find((candidate) => candidate.name === name)
  if (model !== undefined) return model
  return fail('USAGE', { what: `--queue-model ${name}: must be one of ${QUEUE_MODEL_NAMES.join(', ')}` })
}

/**
 * Legs whose latency is drawn; `feed` shifts the recorded market as a whole, `think` is how long one decision takes: what
 * arrives meanwhile is decided on together, as in a live run.
 */
const LEGS = ['request', 'match', 'ack', 'stream', 'feed', 'think'] as const
type Leg = (typeof LEGS)[number]

interface Shape {
  readonly medianUs: number
  /** Of the logarithm; 0: constant. */
  readonly sigma: number
}

const DEFAULTS: Readonly<Record<Leg, Shape>> = {
  request: { medianUs: 2_000, sigma: 0 },
  match: { medianUs: 300, sigma: 0 },
  ack: { medianUs: 2_000, sigma: 0 },
  stream: { medianUs: 2_000, sigma: 0 },
  feed: { medianUs: 1_000, sigma: 0 },
  think: { medianUs: 20, sigma: 0 },
}

export interface Latencies {
  readonly request: LatencyModel
  readonly match: LatencyModel
  readonly ack: LatencyModel
  readonly stream: LatencyModel
  readonly feedUsMin: number
  readonly thinkUs: number
  readonly text: string
}

/** "5ms", "5ms~0.3" (lognormal, σ of the logarithm) for request, ack and stream, or "request=3ms,stream=2ms~0.5". */
export function latenciesOf(text: string | null, seed: number): Latencies {
  const shapes: Record<Leg, Shape> = { ...DEFAULTS }
  for (const part of text === null ? [] : text.split(',')) {
    const [left = '', right] = part.split('=')
    if (right === undefined) {
      for (const leg of ['request', 'ack', 'stream'] as const) shapes[leg] = shapeOf(left, part)
    } else {
      const leg = LEGS.find((name) => name === left) ?? refuse(part, `the legs are ${LEGS.join(', ')}`)
      shapes[leg] = shapeOf(right, part)
    }
  }
  if (shapes.feed.sigma + shapes.think.sigma !== 0) refuse(text ?? '', 'feed and think are plain times')
  const prng = new Prng(seed)
  const model = (leg: Leg): LatencyModel => modelOf(shapes[leg], prng.split(`latency ${leg}`))
  return {
    request: model('request'),
    match: model('match'),
    ack: model('ack'),
    stream: model('stream'),
    feedUsMin: shapes.feed.medianUs,
    thinkUs: shapes.think.medianUs,
    text: LEGS.map((leg) => `${leg} ${shapeText(shapes[leg])}`).join(', '),
  }
}

function shapeOf(text: string, part: string): Shape {
  const [median = '', sigma = '0'] = text.split('~')
  const ms = parseDurationMs(median)
  if (ms === null || ms > 10_000) refuse(part, 'a time is such as 1.5ms, at most 10s')
  if (!/^\d(\.\d{1,3})?$/.test(sigma)) refuse(part, 'the spread after ~ is a number below 10, such as 0.3')
  return { medianUs: Math.round((ms ?? 0) * 1_000), sigma: Number(sigma) }
}

function modelOf({ medianUs, sigma }: Shape, prng: Prng): LatencyModel {
  if (sigma === 0) return constantLatency(medianUs)
  return lognormalLatency({ medianUs, sigma, floorUs: 0, ceilingUs: 100 * medianUs }, prng)
}

function shapeText({ medianUs, sigma }: Shape): string {
  return sigma === 0 ? `${medianUs / 1_000} ms` : `lognormal ${medianUs / 1_000} ms σ ${sigma}`
}

function refuse(part: string, why: string): never {
  return fail('USAGE', { what: `--latency ${part}: ${why}` })
}
