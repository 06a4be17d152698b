/**
 * Announced maintenance, read before a run starts and when its first reads fail: "until 14:00, upgrade" helps an operator
 * more than a refused request. What the exchange does not announce, or announces for others, stops nobody.
 */
import type { Category } from '../../domain/instrument.ts'
import { MmError } from '../../errors.ts'
import type { Gateway } from './gateway.ts'
import { asList, type JsonObject, textOf, wholeOf } from './json-value.ts'
import type { BybitRest } from './rest.ts'
import { RestFailure } from './rest-transport.ts'

/** https://bybit-exchange.github.io/docs/v5/enum#product, read 2026-08. */
const PRODUCTS: Readonly<Record<Category, number>> = { linear: 1, inverse: 1, spot: 2, option: 3 }

/** EXCHANGE_MAINTENANCE when a window is open for this category; null when none is, or when it cannot be read. */
export async function maintenanceNow(gateway: Gateway, rest: BybitRest): Promise<MmError | null> {
  try {
    const rows = await rest.maintenance()
    const row = rows.find((one) => textOf(one, 'state') === 'ongoing' && concerns(one, gateway.settings.category))
    return row === undefined ? null : new MmError('EXCHANGE_MAINTENANCE', { title: titleOf(row), until: endOf(row) })
  } catch (error) {
    if (error instanceof RestFailure) return null
    throw error
  }
}

// No product named: all of them. Some numbers are only for some accounts.
function concerns(row: JsonObject, category: Category): boolean {
  const products = asList(row['product'])
  return (products.length === 0 || products.includes(PRODUCTS[category])) && asList(row['uidSuffix']).length === 0
}

const titleOf = (row: JsonObject): string => textOf(row, 'title').slice(0, 120) || 'no reason given'

function endOf(row: JsonObject): string {
  const endMs = wholeOf(row, 'end')
  // The furthest time that can be written.
  return endMs > 0 && endMs < 8.64e15 ? new Date(endMs).toISOString() : 'further notice'
}
