/**
 * Values that are no secret whatever their name: variable references, templates, masks, sample words.
 * Looks at the value only, never at the line, and never hides a random-looking value because of a word inside it.
 */

/** `${X}`, `$X`, `{{x}}`, `<x>`, `%X%`, `@x@`, `#{x}`, `process.env.X`, calls and member chains. */
export function isReference(value: string): boolean {
  const first = value[0] ?? ''
  if (first === '<' && value.endsWith('>')) return true
  if (first === '$' && /^\$[A-Za-z_{(]/.test(value)) return true
  if ((first === '{' || first === '[') && /^(?:\{\{?|\[)[^{}[\]]*(?:\}?\}|\])$/.test(value)) return true
  if (/\$\{|\{\{|<%|%\(|#\{|\$\(|\{\d*\}|%[sdv]/.test(value)) return true
  if ((first === '%' || first === '@') && value.length > 2 && value.endsWith(first)) return true
  if (first === '&' || first === '*') return /^[&*][A-Za-z_]/.test(value)
  return /^(?:process\.env|os\.environ|os\.getenv|System\.getenv|getenv|ENV\[|env\.|env\(|secrets?\.|vars?\.|config\.|self\.|this\.|var\.|local\.|data\.|params?\.|args\.|opts?\.|options\.|settings\.|request\.|req\.|props\.|ssm:|vault:|arn:|op:\/\/|vault\/|aws:|file:|env:|ref\+|!Ref|!Sub|!vault|ENC\[|sops|AQICA|https?:\/\/|\/|\.\/|~\/)/.test(
    value,
  )
}

/** A pattern, not a value: classes, quantifiers, groups of a regular expression. */
export function isExpression(value: string): boolean {
  return /\[[^\]]*[A-Za-z0-9]-[A-Za-z0-9][^\]]*\]|\(\?[:=!<]|\\[dwsDWS]|\{\d+(?:,\d*)?\}/.test(value)
}

/** `xxxxxxxx`, `********`, `0000`, `....`: one or two characters over and over. */
export function isMask(value: string): boolean {
  if (distinctUpTo(value, value.length >= 8 ? 4 : 3) <= (value.length >= 8 ? 3 : 2)) return true
  return (
    /^(?:[*xX.#_-]{3,}.{0,4}|.{0,4}[*xX.#]{6,}.{0,4})$/.test(value) || value.includes('****') || /x{6,}/i.test(value)
  )
}

/** Different characters of `value` without regard to case, counted up to `max`: most values have as many at once. */
function distinctUpTo(value: string, max: number): number {
  const lower = value.toLowerCase()
  let distinct = 0
  for (let i = 0; i < lower.length && distinct < max; i++) if (lower.indexOf(lower[i] ?? '') === i) distinct++
  return distinct
}

const SAMPLE =
  /password|passwort|passwd|passphrase|pass|pwd|secret|token|apikey|api|key|test|example|sample|changeme|change|default|admin|root|user|guest|demo|dummy|fake|mock|foo|bar|baz|qux|your|my|the|here|insert|replace|enter|placeholder|todo|null|none|undefined|empty|true|false|string|value|redacted|hidden|removed|masked|none|qwerty|letmein|welcome|hello|world|abcdefgh|abcdef|abcd|abc|xyz|123456789|12345678|1234567|123456|12345|1234|123|auth|login|salt|levels?|level|client|access|private|public|some|super|strong|random|invalid|valid|wrong|correct|new|old|temp|tmp|postgres|mysql|redis|mongo|rabbitmq|minio|oracle|sa|db|database|app|service|server|local|localhost|host|dev|prod|staging|stage|ci|data|info|name|id|code|hash|text|word|credential|credentials|please|set|use|fill|with|from|this|that|is|not|for|in|to|of|a|an/gi

/** Sample words, digits and separators are all there is: `my-test-password123`, `YOUR_API_KEY_HERE`. */
export function isSampleWords(value: string): boolean {
  // Few letters are soon used up by short words: hex digits and UUIDs are judged as what they are.
  if (value.length > 64 || (value.length >= 16 && /^[0-9a-fA-F-]+$/.test(value))) return false
  const rest = value.replace(SAMPLE, '').replace(/[^A-Za-z]/g, '')
  return rest.length <= Math.max(1, Math.floor(value.length / 8))
}

/** Marks a published example: `AKIA…EXAMPLE`, `your_token`, `sk_test_xxxx`, `<token>`, `0123456789abcdef`. */
export function isPublishedSample(value: string): boolean {
  return /1234567890abcdef|0123456789abcdef|abcdefghijklmnop/i.test(value) || isNamedSample(value)
}

/** The same by words and masks alone: digits and letters in their order may still be all that somebody changed in a token. */
export function isNamedSample(value: string): boolean {
  return (
    /example|sample|dummy|redacted|placeholder|your[-_]?|insert|replace|changeme|change[-_]me|fake|not[-_]?real|foobar|x{5,}|\*{3,}|\.{3,}|deadbeef/i.test(
      value,
    ) || isMask(value)
  )
}
