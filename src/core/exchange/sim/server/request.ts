/**
 * An HTTP request as this server reads it: the target split (origin or absolute form), the query kept raw for the
 * signature and decoded for the handler, header names folded to lower case. Decides nothing.
 */
import type { HttpRequest } from '../../wire.ts'

export interface ParsedRequest {
  readonly method: string
  readonly path: string
  /** As received, without '?': this is what is signed. */
  readonly rawQuery: string
  readonly query: ReadonlyMap<string, string>
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  readonly ip: string
}

export function parseRequest(request: HttpRequest, ip: string): ParsedRequest {
  const target = originForm(request.target)
  const mark = target.indexOf('?')
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1)
  return {
    method: request.method,
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery,
    query: parseQuery(rawQuery),
    headers: new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: request.body,
    ip,
  }
}

/** "http://host/path?q" → "/path?q"; a target in origin form is given back. */
export function originForm(target: string): string {
  const match = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)
  const rest = match?.[1] ?? target
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** First value of each key; percent escapes and '+' decoded, text that does not decode is kept as it is. */
export function parseQuery(raw: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const part of raw.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = unescape(equals < 0 ? part : part.slice(0, equals))
    if (!values.has(name)) values.set(name, equals < 0 ? '' : unescape(part.slice(equals + 1)))
  }
  return values
}

function unescape(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
