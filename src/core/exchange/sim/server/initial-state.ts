/**
 * The ledger an exchange starts with, from a JSON file (docs/exchange.md): more instruments, accounts with wallets,
 * positions and open orders, maintenance windows. Orders go through the same reader and the same gateway as a client's, so a state that the
 * exchange could not have reached is refused, with the path of what is wrong.
 */
import { parseBig, toSteps } from '../../../domain/fixed.ts'
import type { Category, InstrumentText } from '../../../domain/instrument.ts'
import { timeUs } from '../../../domain/units.ts'
import type { SimAccountOptions } from '../account.ts'
import type { CoinE8 } from '../model.ts'
import { BTCUSDT_FLOW, type SyntheticProfile } from '../profiles.ts'
import type { SimServer } from './core.ts'
import { isRsaPublicKey, type KeyOptions } from './keys.ts'
import { Fields, isObject } from './fields.ts'
import { listed, placeCommand } from './order-input.ts'
import { type Json, Refusal } from './outcome.ts'
import type { MaintenanceWindow } from './venue.ts'

export interface InitialState {
  readonly accounts: readonly SimAccountOptions[]
  readonly profiles: readonly SyntheticProfile[]
  /** How far the exchange's clock runs ahead of this machine's; negative: behind. */
  readonly clockAheadMs: number
  /** Announced by system/status. */
  readonly maintenance: readonly MaintenanceWindow[]
  /** Keys beside the one of the start, each of the account it is listed under. */
  readonly keys: readonly KeyOptions[]
  /** Kept as written: they are read against the listing once it exists. */
  readonly ledgers: readonly Ledger[]
}

interface Ledger {
  readonly uid: string
  readonly positions: readonly unknown[]
  readonly orders: readonly unknown[]
}

class Problem extends Error {}

/** The state, or what is wrong with the text. */
export function parseState(text: string): InitialState | { readonly problem: string } {
  try {
    const root = objectAt(JSON.parse(text), 'the file')
    const accounts = listAt(root, 'accounts').map((item, index) => objectAt(item, `accounts[${index}]`))
    return {
      accounts: accounts.map(accountOf),
      profiles: listAt(root, 'instruments').map((item, index) => profileOf(item, `instruments[${index}]`)),
      keys: accounts.flatMap((account, index) => keysOf(account, `accounts[${index}]`)),
      clockAheadMs: root['clockAhead'] === undefined ? 0 : shiftAt(root, 'clockAhead', 'the file'),
      maintenance: listAt(root, 'maintenance').map((item, index) => maintenanceOf(item, index)),
      ledgers: accounts.map((account) => ({
        uid: String(account['uid']),
        positions: listAt(account, 'positions'),
        orders: listAt(account, 'orders'),
      })),
    }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `not JSON: ${error.message}` }
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

/** Puts positions, then orders into the server's ledger; null, or what is wrong. */
export function applyState(server: SimServer, state: InitialState): string | null {
  for (const [index, ledger] of state.ledgers.entries()) {
    for (const [at, item] of ledger.positions.entries()) {
      const problem = seedPosition(server, ledger.uid, item)
      if (problem !== null) return `accounts[${index}].positions[${at}]: ${problem}`
    }
    for (const [at, item] of ledger.orders.entries()) {
      const problem = seedOrders(server, ledger.uid, item)
      if (problem !== null) return `accounts[${index}].orders[${at}]: ${problem}`
    }
  }
  return null
}

function seedPosition(server: SimServer, uid: string, item: unknown): string | null {
  return refusalOf(() => {
    const fields = Fields.of(item)
    const category = fields.category()
    const { instrument, status } = listed(server, category, fields)
    if (status === 'PreLaunch') return `${instrument.symbol} is not launched yet: nobody can hold it`
    const lots = toSteps(fields.needText('size'), instrument.size)
    const entryTicks = toSteps(fields.needText('avgPrice'), instrument.price)
    if (!(lots !== 0) || !(entryTicks > 0)) return 'size and avgPrice must lie on the grid'
    const positionIdx = fields.integer('positionIdx', 0)
    if (positionIdx !== 0 && positionIdx !== 1 && positionIdx !== 2) return 'positionIdx must be 0, 1 or 2'
    const at = { category, symbol: instrument.symbol, lots, entryTicks }
    server.exchange.seedPosition(uid, { ...at, positionIdx }, server.nowUs())
    return null
  })
}

/** One row may stand for `count` orders, `priceStep` apart. */
function seedOrders(server: SimServer, uid: string, item: unknown): string | null {
  return refusalOf(() => {
    const fields = Fields.of(item)
    const category = fields.category()
    const count = fields.integer('count', 1)
    const { instrument } = listed(server, category, fields)
    const step = toSteps(fields.text('priceStep') || '0', instrument.price)
    if (!(count >= 1) || Number.isNaN(step)) return 'count must be positive and priceStep on the grid'
    const command = placeCommand(server, category, fields)
    for (let i = 0; i < count; i++) {
      const nowUs = timeUs(server.nowUs())
      const priceTicks = (command.priceTicks + i * step) as typeof command.priceTicks
      const orderLinkId = i === 0 || command.orderLinkId === '' ? command.orderLinkId : `${command.orderLinkId}-${i}`
      const result = server.exchange.place(uid, { ...command, priceTicks, orderLinkId }, nowUs)
      if (result.retCode !== 0) return `order ${i + 1}: ${result.retCode} ${result.retMsg}`
    }
    return null
  })
}

function refusalOf(act: () => string | null): string | null {
  try {
    return act()
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

function keysOf(account: Json, where: string): KeyOptions[] {
  return listAt(account, 'keys').map((item, at) => {
    const place = `${where}.keys[${at}]`
    const row = objectAt(item, place)
    return {
      uid: textAt(account, 'uid', where),
      apiKey: textAt(row, 'apiKey', place),
      ...signerOf(row, place),
      isReadOnly: row['readOnly'] === true,
      isMaster: row['master'] === true,
      ips: listAt(row, 'ips').map(String),
      ...(row['expires'] === undefined ? {} : { expiresMs: timeAt(row, 'expires', place) }),
      permissions: permissionsOf(objectAt(row['permissions'] ?? {}, `${place}.permissions`)),
    }
  })
}

// One of the two that a key can sign with: a secret that both sides know, or the public half of an RSA pair.
function signerOf(row: Json, place: string): Pick<KeyOptions, 'secret' | 'rsaPublicKey'> {
  if (row['rsaPublicKey'] === undefined) return { secret: textAt(row, 'apiSecret', place) }
  const rsaPublicKey = textAt(row, 'rsaPublicKey', place)
  if (row['apiSecret'] !== undefined) throw new Problem(`${place} has both apiSecret and rsaPublicKey`)
  if (!isRsaPublicKey(rsaPublicKey)) throw new Problem(`${place}.rsaPublicKey must be a public RSA key as PEM`)
  return { secret: '', rsaPublicKey }
}

function permissionsOf(row: Json): Record<string, readonly string[]> {
  return Object.fromEntries(Object.keys(row).map((group) => [group, listAt(row, group).map(String)] as const))
}

function accountOf(account: Json, index: number): SimAccountOptions {
  const where = `accounts[${index}]`
  const uid = textAt(account, 'uid', where)
  const wallet = objectAt(account['wallet'] ?? {}, `${where}.wallet`)
  const balances: Record<string, CoinE8> = {}
  for (const [coin, amount] of Object.entries(wallet)) {
    const e8 = typeof amount === 'string' ? parseBig(amount, 8) : null
    if (e8 === null) throw new Problem(`${where}.wallet.${coin} must be decimal text with at most 8 decimals`)
    balances[coin] = e8
  }
  const leverage = account['leverage'] === undefined ? {} : { leverage: textAt(account, 'leverage', where) }
  return { uid, balances, isHedge: account['isHedge'] === true, ...leverage }
}

// The crowd of the fitted market, moved to another price: ticks are scaled, so that spread and depth keep their width
// relative to the price.
function profileOf(item: unknown, where: string): SyntheticProfile {
  const row = objectAt(item, where)
  const text: InstrumentText = {
    symbol: textAt(row, 'symbol', where),
    category: categoryAt(row, where),
    baseCoin: textAt(row, 'baseCoin', where),
    quoteCoin: textAt(row, 'quoteCoin', where),
    settleCoin: textOr(row, 'settleCoin', ''),
    status: textOr(row, 'status', 'Trading'),
    tickSize: textAt(row, 'tickSize', where),
    lotSize: textAt(row, 'lotSize', where),
    priceMin: textOr(row, 'priceMin', textAt(row, 'tickSize', where)),
    priceMax: textOr(row, 'priceMax', '1999999.8'),
    sizeMin: textOr(row, 'sizeMin', textAt(row, 'lotSize', where)),
    sizeMax: textOr(row, 'sizeMax', '100000'),
    marketSizeMax: textOr(row, 'marketSizeMax', '10000'),
    notionalMin: textOr(row, 'notionalMin', '5'),
    makerFee: textOr(row, 'makerFee', '0.0002'),
    takerFee: textOr(row, 'takerFee', '0.00055'),
  }
  const startTicks = ticksOf(textAt(row, 'price', where), text, where)
  return {
    text,
    contractType:
      text.category === 'linear' ? 'LinearPerpetual' : text.category === 'inverse' ? 'InversePerpetual' : '',
    leverageMax: textOr(row, 'leverageMax', '50.00'),
    priceLimitRatioX: textOr(row, 'priceLimitRatioX', '0.05'),
    priceLimitRatioY: textOr(row, 'priceLimitRatioY', '0.1'),
    flow: { ...BTCUSDT_FLOW, startTicks },
  }
}

function maintenanceOf(item: unknown, index: number): MaintenanceWindow {
  const where = `maintenance[${index}]`
  const row = objectAt(item, where)
  return {
    id: textOr(row, 'id', `maintenance-${index + 1}`),
    title: textAt(row, 'title', where),
    beginMs: timeAt(row, 'begin', where),
    endMs: timeAt(row, 'end', where),
    href: textOr(row, 'href', ''),
    serviceTypes: [2, 3],
    product: [1, 2],
    uidSuffix: [],
    maintainType: 1,
    env: 1,
  }
}

function timeAt(row: Json, name: string, where: string): number {
  const text = textAt(row, name, where)
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem(`${where}.${name} must be milliseconds as text`)
}

function shiftAt(row: Json, name: string, where: string): number {
  const text = textAt(row, name, where)
  if (/^-?\d{1,12}$/.test(text)) return Number(text)
  throw new Problem(`${where}.${name} must be milliseconds as text, negative for behind`)
}

function ticksOf(price: string, text: InstrumentText, where: string): number {
  const scaled = parseBig(price, 8)
  const tick = parseBig(text.tickSize, 8)
  if (scaled === null || tick === null || tick === 0n) throw new Problem(`${where}.price must be decimal text`)
  const ticks = Number(scaled / tick)
  if (ticks < 2_000) throw new Problem(`${where}.price must be at least 2,000 ticks`)
  return ticks
}

function categoryAt(row: Json, where: string): Category {
  const value = textAt(row, 'category', where)
  if (value === 'linear' || value === 'inverse' || value === 'spot' || value === 'option') return value
  throw new Problem(`${where}.category must be linear, inverse, spot or option`)
}

function objectAt(value: unknown, where: string): Json {
  if (isObject(value)) return value
  throw new Problem(`${where} must be an object`)
}

function listAt(row: Json, name: string): readonly unknown[] {
  const value = row[name] ?? []
  if (Array.isArray(value)) return value
  throw new Problem(`${name} must be a list`)
}

function textAt(row: Json, name: string, where: string): string {
  const value = row[name]
  if (typeof value === 'string' && value !== '') return value
  throw new Problem(`${where}.${name} must be text`)
}

function textOr(row: Json, name: string, fallback: string): string {
  const value = row[name]
  return typeof value === 'string' && value !== '' ? value : fallback
}
