/**
 * Every retCode of Bybit V5 that is known, and the one reaction each calls for. Facts from the public error page and from
 * the clients that trade there (state of 2026-08). No imports: the emergency path uses it too. Control flow depends on
 * the class only, never on the message text, and a code that is not here counts as "outcome unknown".
 */

export type CodeAction =
  /** Success. */
  | 'ok'
  /** Treat as success. */
  | 'noop'
  /** Not executed; wait for X-Bapi-Limit-Reset-Timestamp then retry same orderLinkId. */
  | 'retry-after'
  /** Not executed now; retry with backoff. */
  | 'retry-later'
  /** Not executed; re-measure clock offset, re-sign, retry once. */
  | 'resync-time'
  /** Outcome unknown; never resend with a new id; query by orderLinkId then decide. */
  | 'ambiguous'
  /** Target order is terminal; fetch final state for fills. */
  | 'gone'
  /** An order with this orderLinkId exists or existed; query it, treat as landed. */
  | 'dup'
  /** Deterministic refusal; do not retry unchanged. */
  | 'reject'
  /** Deterministic refusal tied to price; requote. */
  | 'reprice'
  /** Local view stale; refetch order. */
  | 'resync-order'
  /** Local view stale; refetch position. */
  | 'resync-position'
  /** Balance/margin/limit; stop adding risk. */
  | 'risk'
  /** Open-order cap; cancel before placing. */
  | 'limit'
  /** Stop quoting this symbol, keep cancelling. */
  | 'halt-symbol'
  /** Stop process trading; operator action. */
  | 'fatal-auth'
  /** Stop process trading; operator action. */
  | 'fatal-account'
  /** Stop all http from this ip >= 10 min. */
  | 'backoff-ip'
  /** Open a new connection, pending requests still run. */
  | 'reconnect'
  /** Client programming error. */
  | 'bug'

export interface CodeRow {
  readonly action: CodeAction
  readonly meaning: string
}

/** One row per code: code, reaction, what it means. */
const ROWS: readonly (readonly [code: number, action: CodeAction, meaning: string])[] = [
  [0, 'ok', 'success'],
  [-1, 'resync-time', 'request expired in transit'],
  [429, 'ambiguous', 'matching service overloaded'],
  [10000, 'ambiguous', 'gateway timed out waiting for backend'],
  [10001, 'reject', 'bad parameter (also: positionIdx mismatch, qty out of range, price band for market orders)'],
  [10002, 'resync-time', 'timestamp outside recv window'],
  [10003, 'fatal-auth', 'api key unknown for this environment; on ws trade: too many sessions for uid'],
  [10004, 'fatal-auth', 'signature mismatch'],
  [10005, 'fatal-auth', 'key lacks permission'],
  [10006, 'retry-after', 'per-uid endpoint rate limit'],
  [10007, 'fatal-auth', 'user authentication failed'],
  [10008, 'fatal-account', 'user banned / account mode'],
  [10009, 'fatal-account', 'region restricted'],
  [10010, 'fatal-auth', 'source ip not in key allow-list'],
  [10014, 'reject', 'duplicate request'],
  [10016, 'ambiguous', 'internal server error or restart'],
  [10017, 'bug', 'route not found'],
  [10018, 'backoff-ip', 'ip rate limit (struck out in 2026-07 docs; http 403 is used now)'],
  [10019, 'reconnect', 'trade service restarting, open a new connection'],
  [10024, 'fatal-account', 'compliance rule'],
  [10027, 'fatal-account', 'trading banned'],
  [10028, 'fatal-account', 'unified account required'],
  [10029, 'reject', 'symbol not in key whitelist'],
  [10403, 'ambiguous', 'ip limit 3000 req/s'],
  [10404, 'bug', 'op or category unsupported'],
  [10429, 'ambiguous', 'system protection'],
  [20001, 'noop', 'already authenticated'],
  [20003, 'ambiguous', 'session sends too fast'],
  [20006, 'ambiguous', 'reqId reused'],
  [33004, 'fatal-auth', 'api key expired'],
  [-2015, 'fatal-auth', 'api key expired'],
  [30208, 'reprice', 'price above max buy price'],
  [30209, 'reprice', 'price below min sell price'],
  [30228, 'halt-symbol', 'delisting, no new positions'],
  [34040, 'noop', 'tp/sl not modified'],
  [40004, 'resync-order', 'order changed while being replaced'],
  [110001, 'gone', 'order does not exist or too late'],
  [110003, 'reprice', 'price outside allowed range'],
  [110004, 'risk', 'wallet balance insufficient'],
  [110007, 'risk', 'available balance insufficient'],
  [110008, 'gone', 'order already completed or cancelled'],
  [110009, 'reject', 'too many stop orders'],
  [110010, 'gone', 'order already cancelled'],
  [110012, 'risk', 'available balance insufficient'],
  [110017, 'resync-position', 'reduce-only quantity would be zero / reduce-only rule'],
  [110019, 'reject', 'order id malformed'],
  [110020, 'limit', '500 active orders per symbol reached'],
  [110021, 'risk', 'open-interest position cap'],
  [110023, 'halt-symbol', 'contract is reduce-only'],
  [110024, 'reject', 'cannot switch mode with position'],
  [110025, 'noop', 'position mode unchanged'],
  [110026, 'noop', 'margin mode unchanged'],
  [110027, 'noop', 'margin unchanged'],
  [110028, 'reject', 'cannot switch mode with open orders'],
  [110029, 'reject', 'hedge mode unsupported for symbol'],
  [110030, 'dup', 'duplicate order id (retired)'],
  [110032, 'reject', 'illegal order'],
  [110040, 'risk', 'order would trigger liquidation'],
  [110042, 'halt-symbol', 'pre-delivery reduce-only'],
  [110043, 'noop', 'leverage unchanged'],
  [110044, 'risk', 'available margin insufficient'],
  [110045, 'risk', 'wallet balance insufficient'],
  [110063, 'retry-later', 'settlement in progress'],
  [110064, 'resync-order', 'amended qty not above filled qty'],
  [110066, 'halt-symbol', 'trading not allowed now'],
  [110072, 'dup', 'orderLinkId already used'],
  [110074, 'halt-symbol', 'contract not live'],
  [110079, 'retry-later', 'order still being processed'],
  [110090, 'risk', 'position cap at this leverage'],
  [110094, 'reject', 'notional below minimum'],
  [110095, 'halt-symbol', 'call auction, no create/amend/cancel'],
  [110098, 'halt-symbol', 'call auction, GTC only'],
  [110103, 'reprice', 'post-only stage'],
  [110118, 'retry-later', 'no reference price (low liquidity)'],
  [110119, 'reject', 'RPI restricted'],
  [110120, 'reprice', 'price below limit'],
  [110121, 'reprice', 'price above limit'],
  [110123, 'fatal-account', 'trading terms not accepted'],
  [110124, 'fatal-account', 'cooling-off period'],
  [110131, 'risk', 'loan margin cap'],
  [110132, 'fatal-account', 'product not available in region'],
  [170001, 'ambiguous', 'internal error'],
  [170005, 'retry-after', 'too many new orders'],
  [170007, 'ambiguous', 'backend timeout'],
  [170032, 'ambiguous', 'network error'],
  [170115, 'reject', 'bad timeInForce'],
  [170116, 'reject', 'bad orderType'],
  [170117, 'reject', 'bad side'],
  [170121, 'reject', 'bad symbol'],
  [170124, 'reject', 'amount too large'],
  [170130, 'reject', 'parameter value invalid'],
  [170131, 'risk', 'balance insufficient'],
  [170132, 'reprice', 'price too high'],
  [170133, 'reprice', 'price too low'],
  [170134, 'reject', 'price has too many decimals'],
  [170136, 'reject', 'qty below minimum'],
  [170137, 'reject', 'qty has too many decimals'],
  [170139, 'gone', 'order already filled'],
  [170140, 'reject', 'order value below minimum'],
  [170141, 'dup', 'duplicate client order id'],
  [170142, 'gone', 'order already cancelled'],
  [170143, 'gone', 'not on book'],
  [170144, 'retry-later', 'order locked'],
  [170146, 'ambiguous', 'create timeout'],
  [170147, 'ambiguous', 'cancel timeout'],
  [170149, 'ambiguous', 'create failed'],
  [170150, 'ambiguous', 'cancel failed'],
  [170151, 'halt-symbol', 'pair not open yet'],
  [170157, 'halt-symbol', 'pair not tradable by api'],
  [170190, 'gone', 'cancel already finished'],
  [170191, 'retry-later', 'cannot cancel now'],
  [170193, 'reprice', 'buy price above cap'],
  [170194, 'reprice', 'sell price below floor'],
  [170210, 'reject', 'new order rejected'],
  [170212, 'retry-later', 'cancel already being processed'],
  [170213, 'gone', 'order does not exist'],
  [170217, 'reject', 'pair is post-only'],
  [170218, 'reprice', 'post-only price would cross'],
  [170222, 'retry-after', 'too many requests'],
  [170234, 'ambiguous', 'system error'],
  [170310, 'ambiguous', 'amend timeout'],
  [170311, 'ambiguous', 'amend failed'],
  [170312, 'reject', 'order not amendable'],
  [170313, 'resync-order', 'amended qty below filled qty'],
  [170371, 'reprice', 'price below limit'],
  [170372, 'reprice', 'price above limit'],
  [170381, 'reject', 'qty too large'],
  [170382, 'reject', 'qty too large'],
  [170810, 'limit', '500 conditional+tpsl+active orders reached'],
  [3400045, 'reject', 'margin mode switch refused'],
]

export const CODES: ReadonlyMap<number, CodeRow> = new Map(
  ROWS.map(([code, action, meaning]) => [code, { action, meaning }]),
)

const UNLISTED: CodeRow = { action: 'ambiguous', meaning: 'not in the code table' }

export function codeRow(code: number): CodeRow {
  return CODES.get(code) ?? UNLISTED
}

export const actionOf = (code: number): CodeAction => codeRow(code).action

/** True when the request may have been carried out although no success was stated. */
export function isOutcomeUnknown(action: CodeAction): boolean {
  return action === 'ambiguous' || action === 'dup' || action === 'reconnect'
}

export const isFatal = (action: CodeAction): boolean => action === 'fatal-auth' || action === 'fatal-account'
