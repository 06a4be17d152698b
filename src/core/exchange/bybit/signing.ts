/**
 * Signatures of Bybit V5: HMAC-SHA256 as lower-case hex or RSA-SHA256 as base64, always over the exact bytes sent.
 * Tiny import graph: the emergency path signs with it. The secret never leaves this file except as a signature.
 * https://bybit-exchange.github.io/docs/v5/guide#authentication
 */
import { createHmac, createSign } from 'node:crypto'
import type { Credentials } from '../../credentials.ts'

export interface Signer {
  readonly apiKey: string
  sign(text: string): string
}

/** Printing it, at any depth, shows neither the key nor the secret. */
class KeySigner implements Signer {
  readonly #apiKey: string
  readonly #sign: (text: string) => string

  constructor(apiKey: string, sign: (text: string) => string) {
    this.#apiKey = apiKey
    this.#sign = sign
  }

  get apiKey(): string {
    return this.#apiKey
  }

  sign(text: string): string {
    return this.#sign(text)
  }
}

export function signerOf(credentials: Credentials): Signer {
  const secret = credentials.secret.reveal()
  const sign =
    credentials.kind === 'rsa'
      ? (text: string) => createSign('RSA-SHA256').update(text).sign(secret, 'base64')
      : (text: string) => createHmac('sha256', secret).update(text).digest('hex')
  return new KeySigner(credentials.apiKey.reveal(), sign)
}

export interface SignedRequest {
  /** Milliseconds by the exchange's clock. */
  readonly timestampMs: number
  readonly windowMs: number
  /** GET: the query as sent, without "?" · POST: the body as sent. */
  readonly payload: string
}

/** Headers of a private REST call. */
export function restHeaders(signer: Signer, request: SignedRequest): Record<string, string> {
  const { timestampMs, windowMs, payload } = request
  return {
    'X-BAPI-API-KEY': signer.apiKey,
    'X-BAPI-TIMESTAMP': String(timestampMs),
    'X-BAPI-RECV-WINDOW': String(windowMs),
    'X-BAPI-SIGN-TYPE': '2',
    'X-BAPI-SIGN': signer.sign(`${timestampMs}${signer.apiKey}${windowMs}${payload}`),
  }
}

/** The `auth` message of the private and the order-entry socket; `expiresMs` must lie in the exchange's future. */
export function authMessage(signer: Signer, expiresMs: number): string {
  const signature = signer.sign(`GET/realtime${expiresMs}`)
  return JSON.stringify({ op: 'auth', args: [signer.apiKey, expiresMs, signature] })
}
