/**
 * The only place where an `Approval` is made: after every guard was asked and none objected. Also keeps what each guard
 * refused and demands, for the view. Cancels never come here.
 *
 * @hot
 */
import type { Approval, RequestKind } from '../domain/request.ts'
import { Freeze } from './freeze.ts'
import type { Guard, GuardPack, Proposal, RiskView, Standing } from './guard.ts'
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

export function guardSlots(
  packs: readonly GuardPack[],
  scope: GuardPack['scope'],
  params: Readonly<Record<string, PackParams>>,
): readonly GuardSlot[] {
  const slots: GuardSlot[] = []
  for (const pack of packs) {
    if (pack.scope === scope) slots.push(new GuardSlot(pack.id, pack.create(params[pack.id] ?? {})))
  }
  return slots
}

/** Asks every guard; null as soon as one objects, which is counted under its name. */
export function approve(
  own: readonly GuardSlot[],
  run: readonly GuardSlot[],
  view: RiskView,
  proposal: Proposal,
): Approval | null {
  return isAllowed(own, view, proposal) && isAllowed(run, view, proposal) ? (1 as Approval) : null
}

/** Largest size that the guards would let through for this proposal. */
export function roomFor(
  own: readonly GuardSlot[],
  run: readonly GuardSlot[],
  view: RiskView,
  proposal: Proposal,
): number {
  return Math.min(roomOf(own, view, proposal), roomOf(run, view, proposal))
}

/** Refreshes what each guard demands; true when a demand began or ended. */
export function judgeAll(slots: readonly GuardSlot[], view: RiskView): boolean {
  let isChanged = false
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!
    const standing = slot.freeze.follow(slot.guard.judge?.(view) ?? null, view.nowUs)
    if (standing === slot.standing) continue
    isChanged = true
    if (standing !== null) {
      slot.trips++
      slot.lastReason = standing.reason
    }
    slot.standing = standing
  }
  return isChanged
}

/** Reason of the guard that demands a halt, or null. */
export function haltReason(slots: readonly GuardSlot[]): string | null {
  for (let i = 0; i < slots.length; i++) {
    const standing = slots[i]!.standing
    if (standing?.halt === true) return standing.reason
  }
  return null
}

export function tellSent(slots: readonly GuardSlot[], kind: RequestKind, nowUs: number): void {
  for (let i = 0; i < slots.length; i++) slots[i]!.guard.onSent?.(kind, nowUs)
}

function isAllowed(slots: readonly GuardSlot[], view: RiskView, proposal: Proposal): boolean {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!
    const reason = slot.guard.check(view, proposal)
    if (reason === null) continue
    slot.refusals++
    slot.lastReason = reason
    return false
  }
  return true
}

function roomOf(slots: readonly GuardSlot[], view: RiskView, proposal: Proposal): number {
  let room = proposal.sizeLots as number
  for (let i = 0; i < slots.length; i++) {
    const guard = slots[i]!.guard
    if (guard.roomLots !== undefined) room = Math.min(room, guard.roomLots(view, proposal))
  }
  return room
}
