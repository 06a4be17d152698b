/** All strategies and guards there are, found by looking into their folders. */
import type { GuardPack } from '../engine/guard.ts'
import type { StrategyPack } from '../engine/strategy.ts'
import type { Packs } from '../engine/state.ts'
import type { PackSchemas } from '../config/schema.ts'
import { loadPacks } from '../registry.ts'

/** `engine`: the folder of the built engine, for a bundle that does not lie where its sources did. */
export async function allPacks(engine?: URL): Promise<Packs> {
  const at = (name: string, beside: URL): URL => (engine === undefined ? beside : new URL(name, engine))
  const strategies = await loadPacks(at('strategies/', new URL('../engine/strategies/', import.meta.url)), isStrategy)
  const guards = await loadPacks(at('guards/', new URL('../engine/guards/', import.meta.url)), isGuard)
  return { strategies, guards: [...guards.values()] }
}

const SCHEMAS = new WeakMap<Packs, PackSchemas>()

/** Their keys as data, for the configuration. The same packs give the same object: what is built on it is built once. */
export function packSchemas(packs: Packs): PackSchemas {
  const known = SCHEMAS.get(packs)
  if (known !== undefined) return known
  const schemas = schemasOf(packs)
  SCHEMAS.set(packs, schemas)
  return schemas
}

function schemasOf({ strategies, guards }: Packs): PackSchemas {
  return {
    strategies: new Map([...strategies].map(([id, pack]) => [id, pack.keys])),
    // Guards of the run remember what happened in it: they are never made anew while it lasts.
    guards: new Map(
      guards.map(({ id, keys, scope }) => [
        id,
        keys.map((key) => ({ ...key, mutable: key.mutable && scope === 'symbol' })),
      ]),
    ),
  }
}

function isPack(candidate: unknown): candidate is StrategyPack | GuardPack {
  return typeof candidate === 'object' && candidate !== null && 'keys' in candidate && 'create' in candidate
}

function isStrategy(candidate: unknown): candidate is StrategyPack {
  return isPack(candidate) && !('scope' in candidate)
}

function isGuard(candidate: unknown): candidate is GuardPack {
  return isPack(candidate) && 'scope' in candidate
}
