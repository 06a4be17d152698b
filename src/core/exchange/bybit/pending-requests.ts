/**
 * Order requests on their way: each has one id, one deadline and exactly one outcome. All wait equally long, so the
 * oldest is always the next to expire and one timer serves all.
 */
import type { RequestKind } from '../../domain/request.ts'
import type { OrderSeq, SymbolId, TimeUs } from '../../domain/units.ts'

export interface PendingRequest {
  readonly requestId: string
  readonly kind: RequestKind
  readonly order: OrderSeq
  readonly symbol: SymbolId
  readonly body: string
  /** Exchange time it was signed with; after `signedMs + windowMs` the exchange refuses it. */
  readonly signedMs: number
  readonly windowMs: number
  readonly deadlineUs: TimeUs
  /** How often this cancel was sent before. */
  readonly tries: number
  readonly lane: 'socket' | 'rest'
  /** Id of the frame that carries it together with others; '' when it travels alone. */
  readonly batch: string
}

export class PendingRequests {
  private readonly byId = new Map<string, PendingRequest>()

  get size(): number {
    return this.byId.size
  }

  add(request: PendingRequest): void {
    this.byId.set(request.requestId, request)
  }

  /** The request, which is no longer pending; undefined when it is not (any more). */
  take(requestId: string): PendingRequest | undefined {
    const request = this.byId.get(requestId)
    this.byId.delete(requestId)
    return request
  }

  /** Takes every request that has waited too long, oldest first. */
  takeOverdue(nowUs: number): PendingRequest[] {
    const overdue: PendingRequest[] = []
    for (const request of this.byId.values()) {
      if (request.deadlineUs > nowUs) break
      overdue.push(request)
    }
    for (const { requestId } of overdue) this.byId.delete(requestId)
    return overdue
  }

  /** Takes every request of one lane, oldest first. */
  takeLane(lane: PendingRequest['lane']): PendingRequest[] {
    const taken = [...this.byId.values()].filter((request) => request.lane === lane)
    for (const { requestId } of taken) this.byId.delete(requestId)
    return taken
  }

  /** Deadline of the oldest; Infinity when nothing is pending. */
  nextDeadlineUs(): number {
    for (const request of this.byId.values()) return request.deadlineUs
    return Number.POSITIVE_INFINITY
  }
}
