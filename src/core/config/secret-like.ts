/**
 * A configuration holds no secrets: names and values that look like one are refused, and the value is shown nowhere. Being
 * wrong about an odd value costs a rename; being wrong about a key costs an account.
 */

const NAME =
  /(api.?key|secret|passw(or)?d|passphrase|token|private.?key|mnemonic|seed.?phrase|credentials?$|bearer|^auth$)/i
const HEADER = /-----BEGIN|^(gh[pousr]_|github_pat_|xox[abp]-|sk-|AKIA|eyJ[A-Za-z0-9_-]{8})/
/** Without the slash: what is left between slashes is judged by itself. */
const RUN = /[A-Za-z0-9+_=-]{18,}/g

/** "apiSecret", "MM_EXCHANGE__API_KEY". */
export function isSecretName(name: string): boolean {
  return NAME.test(name)
}

/** A key header, a known beginning, or a long run in which letters and digits are mixed as chance would mix them. */
export function isSecretValue(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 16) return false
  if (HEADER.test(value)) return true
  if (isPath(value)) return false
  return [...value.matchAll(RUN)].some(([run]) => isMixed(run))
}

function isPath(text: string): boolean {
  return /^[~./]/.test(text) && text.split('/').every((part) => part.length < 32)
}

// Words are not: they have few digits, and change case seldom.
function isMixed(run: string): boolean {
  const digits = run.replace(/\D/g, '').length
  const hasLetters = /[a-z]/i.test(run)
  const changes = [...run].filter((character, at) => at > 0 && isUpper(character) !== isUpper(run[at - 1] ?? '')).length
  return hasLetters && digits >= 2 && (changes >= 5 || digits >= run.length / 5)
}

function isUpper(character: string): boolean {
  return character >= 'A' && character <= 'Z'
}
