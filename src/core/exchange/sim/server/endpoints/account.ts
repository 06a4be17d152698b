/** account/*, user/query-api and asset/coin/query-info: who the account is, what it holds, what it has set. */
import { formatScaled, trimZeros } from '../../../../domain/fixed.ts'
import type { Category } from '../../../../domain/instrument.ts'
import { accepted, badParam, type Json, type Outcome, refused } from '../outcome.ts'
import { pageOf } from '../page.ts'
import { accountInstrumentRow } from '../rows/instrument-row.ts'
import { walletRow } from '../rows/wallet-row.ts'
import type { DcpProduct } from '../settings.ts'
import type { Call, Venue } from '../venue.ts'
import { done } from './position.ts'

export function walletBalance(venue: Venue, { fields, uid }: Call): Outcome {
  if (fields.needText('accountType') !== 'UNIFIED') return badParam('accountType only support UNIFIED.')
  return accepted({ list: [walletRow(venue.exchange, uid, fields.text('coin'))] })
}

export function info(venue: Venue, { key }: Call): Outcome {
  const settings = venue.settings.of(key)
  const { DERIVATIVES: dcp } = settings.dcp
  return accepted({
    marginMode: settings.marginMode,
    updatedTime: String(settings.updatedMs),
    unifiedMarginStatus: 5,
    dcpStatus: dcp.isOn ? 'ON' : 'OFF',
    timeWindow: dcp.isOn ? dcp.windowS : 0,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
  })
}

/** Without a category the contracts' rates: ccxt asks like that (fetchTradingFees). */
export function feeRate(venue: Venue, { fields, uid }: Call): Outcome {
  const category = fields.category('linear')
  const symbol = fields.text('symbol')
  const baseCoin = fields.text('baseCoin')
  const found = venue.exchange.instruments.filter(({ instrument }) => {
    if (instrument.category !== category) return false
    return symbol === '' ? baseCoin === '' || instrument.baseCoin === baseCoin : instrument.symbol === symbol
  })
  if (symbol !== '' && found.length === 0) return badParam('symbol invalid')
  const list = found.map(({ instrument }) => {
    const { makerFee, takerFee } = venue.exchange.feeRates(uid, category, instrument.symbol)
    return {
      symbol: category === 'option' ? '' : instrument.symbol,
      baseCoin: category === 'option' ? instrument.baseCoin : '',
      makerFeeRate: rateText(makerFee),
      takerFeeRate: rateText(takerFee),
    }
  })
  // Contracts go without the category, as Bybit's table says.
  const isNamed = category === 'spot' || category === 'option'
  return accepted(isNamed ? { category, list } : { list })
}

export function setMarginMode(venue: Venue, { fields, key, uid, nowMs }: Call): Outcome {
  const mode = fields.choice('setMarginMode', ['REGULAR_MARGIN', 'ISOLATED_MARGIN', 'PORTFOLIO_MARGIN'])
  const settings = venue.settings.of(key)
  if (settings.marginMode === mode) return refused(110026, 'Margin mode is not modified')
  const isSimulated = mode !== 'PORTFOLIO_MARGIN'
  if (!isSimulated || !venue.exchange.terms.setIsolated(uid, mode === 'ISOLATED_MARGIN')) {
    const reason = isSimulated ? 'You have open orders or positions' : 'Portfolio margin is not simulated'
    return {
      ...refused(3400045, 'Set margin mode failed'),
      result: { reasons: [{ reasonCode: '3400045', reasonMsg: reason }] },
    }
  }
  settings.marginMode = mode
  settings.updatedMs = nowMs
  return accepted({ reasons: [] })
}

export function setLimitPxAction(venue: Venue, { fields, key, uid, nowMs }: Call): Outcome {
  const category = fields.category()
  const isMoved = fields.flag('modifyEnable')
  const result = venue.exchange.terms.setPriceLimitAction(uid, category, isMoved)
  if (result.retCode !== 0) return done(result)
  venue.settings.of(key).updatedMs = nowMs
  return accepted()
}

export function userSettingConfig(venue: Venue, { uid }: Call): Outcome {
  const { exchange } = venue
  return accepted({
    lpaSpot: exchange.terms.priceLimitAction(uid, 'spot'),
    // Of contracts true means rejected, of spot moved (docs, 2026-08).
    lpaPerp: !exchange.terms.priceLimitAction(uid, 'linear'),
    smsef: false,
    fmsef: false,
    deltaEnable: false,
  })
}

export const smpGroup = (): Outcome => accepted({ smpGroup: 0 })

export function accountInstruments(venue: Venue, { fields }: Call): Outcome {
  const category = fields.category()
  const symbol = fields.text('symbol')
  const found = venue.exchange.instruments
    .map((listing, index) => ({ listing, id: index + 1 }))
    .filter(({ listing }) => listing.instrument.category === category && listing.status === 'Trading')
    .filter(({ listing }) => symbol === '' || listing.instrument.symbol === symbol)
  const at = { cursor: fields.cursor(), limit: fields.limit(200, 200) }
  const page = pageOf(found, ({ id }) => ({ atUs: 1_000_000_000 - id, id: String(id) }), at)
  const list = page.rows.map(({ listing, id }) => accountInstrumentRow(listing, id))
  return accepted({ category, list, nextPageCursor: page.nextPageCursor })
}

const DCP_PRODUCTS: readonly DcpProduct[] = ['SPOT', 'DERIVATIVES', 'OPTIONS']

export function queryDcpInfo(venue: Venue, { key }: Call): Outcome {
  const { dcp } = venue.settings.of(key)
  const dcpInfos = DCP_PRODUCTS.filter((product) => dcp[product].isOn).map((product) => ({
    product,
    dcpStatus: 'ON',
    timeWindow: String(dcp[product].windowS),
  }))
  return accepted({ dcpInfos })
}

/** Institutional accounts only; replies with code and text alone. */
export function setDcp(venue: Venue, { fields, key }: Call): Outcome {
  if (!venue.settings.isInstitutional) return { ...badParam('DCP is not enabled for this account'), isBare: true }
  const product = fields.choice('product', DCP_PRODUCTS, 'OPTIONS')
  const windowS = fields.integer('timeWindow')
  if (windowS < 3 || windowS > 300) return { ...badParam('timeWindow invalid'), isBare: true }
  Object.assign(venue.settings.of(key).dcp[product], { isOn: true, windowS })
  return { ...accepted(), retMsg: 'success', isBare: true }
}

const DAY_MS = 86_400_000

/** The key's own record: what preflight checks read. */
export function queryApi(venue: Venue, { key, uid, nowMs }: Call): Outcome {
  const userId = /^\d{1,15}$/.test(uid) ? Number(uid) : 0
  const createdAt = new Date(venue.settings.of(key).updatedMs).toISOString().slice(0, 19) + 'Z'
  const expiresMs = key.expiresMs ?? nowMs + 90 * DAY_MS
  const expiredAt = new Date(expiresMs).toISOString().slice(0, 19) + 'Z'
  return accepted({
    id: '1',
    note: 'simulated exchange',
    apiKey: key.apiKey,
    readOnly: key.isReadOnly ? 1 : 0,
    secret: '',
    permissions: key.permissions,
    ips: key.ips.length === 0 ? ['*'] : key.ips,
    type: 1,
    deadlineDay: Math.floor((expiresMs - nowMs) / DAY_MS),
    expiredAt,
    createdAt,
    unified: 0,
    uta: 1,
    userID: userId,
    inviterID: 0,
    vipLevel: venue.limits.level,
    mktMakerLevel: '0',
    affiliateID: 0,
    rsaPublicKey: key.rsaPublicKey,
    isMaster: true,
    parentUid: '0',
    kycLevel: 'LEVEL_DEFAULT',
    kycRegion: '',
    userIDInt64: String(userId),
    inviterIDInt64: '0',
    affiliateIDInt64: '0',
  })
}

/** Coins of the listed instruments; the simulation moves none of them in or out. */
export function coinInfo(venue: Venue, { fields }: Call): Outcome {
  const wanted = fields.text('coin')
  const coins = new Set<string>()
  for (const { instrument } of venue.exchange.instruments) {
    for (const coin of [instrument.baseCoin, instrument.quoteCoin, instrument.settleCoin]) {
      if (coin !== '' && coin !== 'USD' && (wanted === '' || coin === wanted)) coins.add(coin)
    }
  }
  return accepted({ rows: [...coins].sort().map(coinRow) })
}

const coinRow = (coin: string): Json => ({
  name: coin,
  coin,
  remainAmount: '1000000',
  chains: [
    {
      chainType: coin,
      confirmation: '10',
      withdrawFee: '0',
      depositMin: '0',
      withdrawMin: '0',
      chain: coin,
      chainDeposit: '0',
      chainWithdraw: '0',
      minAccuracy: '8',
      withdrawPercentageFee: '0',
      contractAddress: '',
      safeConfirmNumber: '20',
      withdrawMax: '0',
    },
  ],
})

const rateText = (e8: number): string => trimZeros(formatScaled(e8, 8))

/** Product groups of a category, for DCP. */
export const dcpProductOf = (category: Category): DcpProduct =>
  category === 'spot' ? 'SPOT' : category === 'option' ? 'OPTIONS' : 'DERIVATIVES'
