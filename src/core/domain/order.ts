/**
 * The life of one order of ours, as a table. An ack is not a state: `placing` ends only by a statement of the exchange.
 * `unknown` (no definite answer) keeps reserving risk exactly like `placing`; a fill may overtake a cancel.
 */

export type OrderStatus =
  /** Request handed to the wire, nothing heard. */
  | 'placing'
  /** The exchange accepted the request; not yet seen in the book. */
  | 'accepted'
  /** No definite answer came: it may be live. */
  | 'unknown'
  /** Open at the exchange (New, PartiallyFilled, Untriggered). */
  | 'working'
  /** Open, and a cancel is on its way. */
  | 'canceling'
  | 'filled'
  | 'canceled'
  | 'rejected'

export type OrderSignal =
  | 'acked'
  | 'ackRejected'
  | 'ackAmbiguous'
  | 'opened'
  | 'filled'
  | 'canceled'
  | 'rejected'
  | 'cancelSent'
  | 'cancelRejected'
  | 'neverLanded'

type Row = Partial<Record<OrderSignal, OrderStatus>>

const PENDING: Row = {
  acked: 'accepted',
  ackRejected: 'rejected',
  ackAmbiguous: 'unknown',
  opened: 'working',
  filled: 'filled',
  canceled: 'canceled',
  rejected: 'rejected',
  cancelSent: 'canceling',
  neverLanded: 'rejected',
}

/** What a signal makes of a status; a pair that is missing changes nothing (late, repeated or out-of-order news). */
export const NEXT: Readonly<Record<OrderStatus, Row>> = {
  placing: PENDING,
  accepted: { ...PENDING, acked: 'accepted', ackRejected: 'accepted', ackAmbiguous: 'accepted' },
  unknown: { ...PENDING, ackRejected: 'unknown' },
  working: { filled: 'filled', canceled: 'canceled', rejected: 'canceled', cancelSent: 'canceling' },
  canceling: {
    ackRejected: 'rejected',
    filled: 'filled',
    canceled: 'canceled',
    rejected: 'rejected',
    cancelRejected: 'working',
    neverLanded: 'rejected',
  },
  filled: {},
  // A correction may add fills to an order already reported cancelled.
  canceled: { filled: 'filled' },
  rejected: { filled: 'filled', opened: 'working' },
}

export function nextStatus(status: OrderStatus, signal: OrderSignal): OrderStatus {
  return NEXT[status][signal] ?? status
}

export const TERMINAL: Readonly<Record<OrderStatus, boolean>> = {
  placing: false,
  accepted: false,
  unknown: false,
  working: false,
  canceling: false,
  filled: true,
  canceled: true,
  rejected: true,
}

export type TimeInForce = 'PostOnly' | 'GTC' | 'IOC' | 'FOK'
