/**
 * The only place where an `Approval` is made: after every guard was asked and none objected. Also asks what the guards
 * demand, and tells them what happened. Cancels never come here.
 *
 * @hot
 */
import type { Approval, RequestKind } from '../domain/request.ts'
import type { Side } from '../domain/units.ts'
import { type Proposal, type RiskView, UNJUDGED_US_MAX } from './guard.ts'
import type { GuardSet, GuardSlot } from './guard-set.ts'

/** Asks every guard; null as soon as one objects, which is counted under its name. */
export function approve(own: GuardSet, run: GuardSet, view: RiskView, proposal: Proposal): Approval | null {
  const isApproved = isAllowed(own.slots, view, proposal) && isAllowed(run.slots, view, proposal)
  return isApproved ? (1 as Approval) : null
}

/** Largest size that the guards would let through for this proposal. */
export function roomFor(own: GuardSet, run: GuardSet, view: RiskView, proposal: Proposal): number {
  return Math.min(roomOf(own.withRoom, view, proposal), roomOf(run.withRoom, view, proposal))
}

/** In what time the guards' demands may change though nothing is told to them. (A span is small: no call boxes it.) */
export function judgeInUs({ judges }: GuardSet, view: RiskView): number {
  let inUs = UNJUDGED_US_MAX
  for (let i = 0; i < judges.length; i++) {
    const { guard, freeze } = judges[i]!
    // A guard that does not say may change its mind at any time.
    const ownUs = guard.judgeInUs === undefined ? 0 : guard.judgeInUs(view)
    inUs = Math.min(inUs, ownUs, freeze.endsInUs(view.nowUs))
  }
  return inUs
}

/** Refreshes what each guard demands; true when a demand began or ended. */
export function judgeAll({ judges }: GuardSet, view: RiskView): boolean {
  let isChanged = false
  for (let i = 0; i < judges.length; i++) {
    const slot = judges[i]!
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

/** Whether a guard demands that nothing is shown on a side. */
export function pullsSide({ judges }: GuardSet, isBid: boolean): boolean {
  for (let i = 0; i < judges.length; i++) {
    const { standing } = judges[i]!
    if (standing !== null && (isBid ? standing.pullBids : standing.pullAsks)) return true
  }
  return false
}

/** Reason of the guard that demands a halt, or null. */
export function haltReason({ judges }: GuardSet): string | null {
  for (let i = 0; i < judges.length; i++) {
    const standing = judges[i]!.standing
    if (standing?.halt === true) return standing.reason
  }
  return null
}

export function tellSent({ toldOfSent }: GuardSet, kind: RequestKind, nowUs: number, side: Side): void {
  for (let i = 0; i < toldOfSent.length; i++) toldOfSent[i]!.guard.onSent?.(kind, nowUs, side)
}

export function tellAnswer({ slots }: GuardSet, isError: boolean, nowUs: number): void {
  for (let i = 0; i < slots.length; i++) slots[i]!.guard.onAnswer?.(isError, nowUs)
}

export function tellFill({ slots }: GuardSet, isMaker: boolean, nowUs: number): void {
  for (let i = 0; i < slots.length; i++) slots[i]!.guard.onFill?.(isMaker, nowUs)
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
