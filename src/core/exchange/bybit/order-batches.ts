/**
 * Creates, amends or cancels of one decision as one frame: the exchange counts them in a quota apart from that of single
 * requests. Each order keeps its own id, deadline and outcome; here is only who travels with whom, and what a batch's answer
 * says of each. A batch of one, or one that its quota has no room for, does not come about.
 */
import type { RequestBuffer, RequestKind } from '../../domain/request.ts'
import { actionOf } from './codes.ts'
import type { Gateway } from './gateway.ts'
import type { PendingRequest } from './pending-requests.ts'
import { RateBudget } from './rate-budget.ts'
import type { OrderAnswer } from './trade-socket.ts'

interface Room {
  readonly budget: RateBudget
  /** Id of the batch being filled; '' for none. */
  id: string
}

/** No code of the exchange: its answer says nothing that can be used. */
export const BATCH_UNKNOWN = -2
/** Documentation says 10 and 20; every category takes 10. */
const SIZE_MAX = 10
const KINDS = ['place', 'amend', 'cancel'] as const satisfies readonly RequestKind[]

export class OrderBatches {
  private readonly gateway: Gateway
  private readonly newId: () => string
  private readonly rooms: Readonly<Record<RequestKind, Room>>
  /** Frames without an answer, and those being filled. */
  private readonly members = new Map<string, PendingRequest[]>()
  private readonly open = new Set<string>()

  constructor(gateway: Gateway, newId: () => string) {
    const { ordersPerSecond } = gateway.settings
    this.gateway = gateway
    this.newId = newId
    const room = (): Room => ({ budget: new RateBudget(ordersPerSecond), id: '' })
    this.rooms = { place: room(), amend: room(), cancel: room() }
  }

  budgetOf(kind: RequestKind): RateBudget {
    return this.rooms[kind].budget
  }

  begin(requests: RequestBuffer, isPossible: boolean): void {
    for (const kind of KINDS) {
      let count = 0
      for (let i = 0; i < requests.length; i++) if (requests.at(i).kind === kind) count++
      this.rooms[kind].id = isPossible && count > 1 ? this.newId() : ''
    }
  }

  /** The batch that one more of this kind may join, with its share of the quota; '' when it must travel alone. */
  idFor(kind: RequestKind, nowUs: number): string {
    const room = this.rooms[kind]
    if (room.id === '') return ''
    if ((this.members.get(room.id)?.length ?? 0) >= SIZE_MAX) room.id = this.newId()
    return room.budget.take(nowUs) ? room.id : ''
  }

  add(request: PendingRequest): void {
    const found = this.members.get(request.batch)
    if (found === undefined) this.members.set(request.batch, [request])
    else found.push(request)
    this.open.add(request.batch)
  }

  /** The frames of what was added since `begin`. */
  end(): readonly string[] {
    const frames = [...this.open].map((id) => this.frameOf(id))
    this.open.clear()
    for (const kind of KINDS) this.rooms[kind].id = ''
    return frames
  }

  /** Who travelled in this frame, once; null when it was no batch (any more). */
  take(id: string): readonly PendingRequest[] | null {
    const found = this.members.get(id) ?? null
    this.members.delete(id)
    return found
  }

  /** The socket is gone: no answer will come. */
  forget(): void {
    this.members.clear()
    this.open.clear()
  }

  private frameOf(id: string): string {
    const requests = this.members.get(id) ?? []
    const [first] = requests
    if (first === undefined) return ''
    const head = { requestId: id, kind: first.kind, timestampMs: first.signedMs, windowMs: first.windowMs }
    return this.gateway.codec.orders.batch(
      head,
      this.gateway.settings.category,
      requests.map(({ body }) => body),
    )
  }
}

/**
 * What the answer says of each member. The two lists are parallel; one of another length says nothing of anybody. When the
 * batch as a whole was refused, a create counts as refused only where nothing can have been looked at yet.
 */
export function itemCodes(members: readonly PendingRequest[], { code, codes }: OrderAnswer): readonly number[] {
  if (code === 0) {
    const isParallel = codes.length === members.length && codes.every((one) => Number.isInteger(one))
    return isParallel ? codes : members.map(() => BATCH_UNKNOWN)
  }
  return members.map(({ kind }) => (kind === 'cancel' || BEFORE_ANY.has(actionOf(code)) ? code : BATCH_UNKNOWN))
}

const BEFORE_ANY = new Set(['retry-after', 'resync-time', 'fatal-auth', 'fatal-account'])
