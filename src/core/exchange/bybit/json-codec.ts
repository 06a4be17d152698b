/** Bybit V5's JSON behind the codec seam: the byte scanner for public frames, templates for orders. */
import type { Category } from '../../domain/instrument.ts'
import type { Codec } from './codec.ts'
import { amendBody, cancelBody, createBody, type FrameHead, OPS, orderFrame } from './encode-order.ts'
import { MarketCodec } from './market-codec.ts'

export const jsonCodec: Codec = {
  market: (symbols, depth, counters) => new MarketCodec(symbols, depth, counters),
  orders: { create: createBody, amend: amendBody, cancel: cancelBody, frame: orderFrame, batch: batchFrame },
}

/** Orders of one kind and category as one request; `bodies` are those of the single requests. */
export function batchFrame(head: FrameHead, category: Category, bodies: readonly string[]): string {
  const named = `"category":"${category}",`
  const items = bodies.map((body) => body.replace(named, '')).join(',')
  return `{"reqId":"${head.requestId}","header":{"X-BAPI-TIMESTAMP":"${head.timestampMs}","X-BAPI-RECV-WINDOW":"${head.windowMs}"},"op":"${OPS[head.kind]}-batch","args":[{${named}"request":[${items}]}]}`
}
