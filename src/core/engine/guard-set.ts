/** The guards at work: what each refused and demands, for the view, and which must be asked at which occasion. */
import { Freeze } from './freeze.ts'
import type { Guard, GuardPack, Standing } from './guard.ts'
import type { PackParams } from './pack.ts'

/** A guard at work, with what it did. */
export class GuardSlot {
  readonly id: string
  guard: Guard
  readonly freeze = new Freeze()
  refusals = 0
  trips = 0
  standing: Standing | null = null
  lastReason = ''

  constructor(id: string, guard: Guard) {
    this.id = id
    this.guard = guard
  }
}

/** The guards of a symbol or of the run, and which of them have to be asked or told at each occasion. */
export class GuardSet {
  readonly slots: readonly GuardSlot[]
  /** Those that demand anything. */
  readonly judges: readonly GuardSlot[]
  readonly withRoom: readonly GuardSlot[]
  readonly toldOfSent: readonly GuardSlot[]

  constructor(slots: readonly GuardSlot[]) {
    this.slots = slots
    this.judges = slots.filter(({ guard }) => guard.judge !== undefined)
    this.withRoom = slots.filter(({ guard }) => guard.roomLots !== undefined)
    this.toldOfSent = slots.filter(({ guard }) => guard.onSent !== undefined)
  }
}

export function guardSet(
  packs: readonly GuardPack[],
  scope: GuardPack['scope'],
  params: Readonly<Record<string, PackParams>>,
): GuardSet {
  const own = packs.filter((pack) => pack.scope === scope)
  return new GuardSet(own.map((pack) => new GuardSlot(pack.id, pack.create(params[pack.id] ?? {}))))
}
