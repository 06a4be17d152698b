/**
 * user/update-sub-api: a master key changes what another key of its own accounts may do, at once. apilimit/query: the
 * order quotas of an account, by kind of business.
 */
import { accepted, badParam, type Outcome, refused } from '../outcome.ts'
import type { Call, Venue } from '../venue.ts'

export function updateSubApi(venue: Venue, { key, fields }: Call): Outcome {
  if (!key.isMaster) return refused(10005, 'Permission denied, please check your API key permissions.')
  const target = venue.keys.find(fields.needText('apikey'))
  if (target === null) return badParam('apikey invalid')
  if (fields.has('readOnly')) {
    const readOnly = fields.integer('readOnly')
    if (readOnly !== 0 && readOnly !== 1) return badParam('readOnly invalid')
    target.isReadOnly = readOnly === 1
  }
  return accepted({
    id: '2',
    note: 'simulated exchange',
    apiKey: target.apiKey,
    readOnly: target.isReadOnly ? 1 : 0,
    secret: '',
    permissions: target.permissions,
    ips: target.ips.length === 0 ? ['*'] : target.ips,
  })
}

const BUSINESS = { SPOT: 'spot', DERIVATIVES: 'futures', OPTIONS: 'option' } as const

/** Of the account that asks; here nobody has others below. */
export function apiLimits(venue: Venue, { fields, uid }: Call): Outcome {
  if (fields.needText('uids') !== uid) return badParam('uids invalid')
  const list = Object.entries(BUSINESS).map(([bizType, group]) => ({
    uids: uid,
    bizType,
    rate: venue.limits.perSecond('order/create', group),
  }))
  return { ...accepted({ list }), retMsg: 'success' }
}
