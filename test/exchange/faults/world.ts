/**
 * Where a fault test happens: a simulated exchange, clients of it, and one clock for all. Two of them: the virtual wire
 * (no sockets), and loopback (`loopback-world.ts`: the real gateway's sockets to the real listener). The scenarios do
 * not know which.
 */
import type { TimeUs } from '../../../src/core/domain/units.ts'
import type { SimServer } from '../../../src/core/exchange/sim/server/core.ts'
import { VirtualNetwork, type VirtualWireOptions } from '../../../src/core/exchange/virtual-wire.ts'
import type { Wire } from '../../../src/core/exchange/wire.ts'
import { START } from '../server/harness.ts'

export interface ClientWire extends Wire {
  /** kill -9: no timer fires, nothing is heard any more; the server sees the sockets close. */
  crash(): void
}

export interface World {
  nowUs(): TimeUs
  /** Does everything that is due by then. */
  run(untilUs: number): Promise<void>
  /** Runs until `work` settles; throws when that has not happened by `limitUs`. */
  complete<T>(work: Promise<T>, limitUs: number): Promise<T>
  wire(options?: VirtualWireOptions): ClientWire
  close(): Promise<void>
}

export type OpenWorld = (server: SimServer) => Promise<World>

export const virtualWorld: OpenWorld = (server) => {
  const network = new VirtualNetwork(server, START)
  return Promise.resolve(Object.assign(network, { close: () => Promise.resolve() }))
}
