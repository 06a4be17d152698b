/**
 * API keys and what each may do. A key belongs to one UID; HMAC keys hold a secret, RSA keys the public half only.
 * Signatures are compared in constant time over the exact bytes received. Keys are never logged or shown by `/sim/truth`.
 */
import { createHmac, createPublicKey, createVerify, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Category } from '../../../domain/instrument.ts'

export type Permissions = Readonly<Record<string, readonly string[]>>

export interface KeyOptions {
  readonly uid: string
  readonly apiKey: string
  /** HMAC secret; '' for an RSA key. */
  readonly secret: string
  /** PEM public key; '' for an HMAC key. */
  readonly rsaPublicKey?: string
  readonly permissions?: Permissions
  readonly isReadOnly?: boolean
  /** May change other keys. */
  readonly isMaster?: boolean
  /** Allowed source addresses; empty: any. */
  readonly ips?: readonly string[]
  /** From then on it is refused; never when missing. */
  readonly expiresMs?: number
}

/** Everything a trading key can hold, no withdrawal. */
export const TRADING: Permissions = {
  ContractTrade: ['Order', 'Position'],
  Spot: ['SpotTrade'],
  Wallet: ['AccountTransfer'],
  Options: ['OptionsTrade'],
  Derivatives: ['DerivativesTrade'],
  CopyTrading: [],
  BlockTrade: [],
  Exchange: ['ExchangeHistory'],
  NFT: [],
  Affiliate: [],
  Earn: [],
  FiatP2P: [],
  FiatConvertBroker: [],
  FiatGlobalPay: [],
  FiatBitPay: [],
  BitCard: [],
  ByXPost: [],
}

export class ApiKey {
  readonly uid: string
  readonly apiKey: string
  readonly permissions: Permissions
  readonly ips: readonly string[]
  readonly rsaPublicKey: string
  readonly isMaster: boolean
  readonly expiresMs: number | undefined
  isReadOnly: boolean
  /** Set when a master key deletes it: from then on it is unknown. */
  isDeleted = false
  private readonly secret: string
  private readonly rsa: KeyObject | null

  constructor(options: KeyOptions) {
    this.uid = options.uid
    this.apiKey = options.apiKey
    this.secret = options.secret
    this.rsaPublicKey = options.rsaPublicKey ?? ''
    this.rsa = this.rsaPublicKey === '' ? null : createPublicKey(this.rsaPublicKey)
    this.permissions = { ...TRADING, ...options.permissions }
    this.isMaster = options.isMaster ?? false
    this.isReadOnly = options.isReadOnly ?? false
    this.ips = options.ips ?? []
    this.expiresMs = options.expiresMs
  }

  /** HMAC-SHA256 as lower-case hex, or RSA-SHA256 (PKCS#1 v1.5) as base64, of `text`. */
  isSignedBy(text: string, signature: string): boolean {
    if (this.rsa !== null) return createVerify('RSA-SHA256').update(text).verify(this.rsa, signature, 'base64')
    const expected = Buffer.from(createHmac('sha256', this.secret).update(text).digest('hex'))
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  isExpired(nowMs: number): boolean {
    return this.expiresMs !== undefined && nowMs >= this.expiresMs
  }

  mayTrade(category: Category): boolean {
    if (category === 'spot') return this.holds('Spot', 'SpotTrade')
    if (category === 'option') return this.holds('Options', 'OptionsTrade')
    return this.holds('ContractTrade', 'Order') || this.holds('Derivatives', 'DerivativesTrade')
  }

  holds(group: string, permission: string): boolean {
    return this.permissions[group]?.includes(permission) ?? false
  }
}

/** PEM text of the public half of an RSA pair; the private half is the client's alone. */
export function isRsaPublicKey(pem: string): boolean {
  try {
    return !pem.includes('PRIVATE') && createPublicKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

export class KeyRing {
  private readonly keys = new Map<string, ApiKey>()

  constructor(keys: readonly KeyOptions[]) {
    for (const key of keys) this.add(key)
  }

  add(options: KeyOptions): ApiKey {
    const key = new ApiKey(options)
    this.keys.set(key.apiKey, key)
    return key
  }

  /** null: unknown or deleted. */
  find(apiKey: string): ApiKey | null {
    const key = this.keys.get(apiKey)
    return key === undefined || key.isDeleted ? null : key
  }

  of(uid: string): ApiKey[] {
    return [...this.keys.values()].filter((key) => key.uid === uid && !key.isDeleted)
  }
}
