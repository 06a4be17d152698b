/** Where a value was said. Kept beside every value from the moment it is read, and shown wherever the value is. */

export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'profile'; readonly name: string }
  | Place
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string }
  /** What an exchange said, not a source of values. */
  | { readonly kind: 'exchange'; readonly name: string }

/** A place in a file. Lines and columns count from 1, columns in characters. */
export interface Place {
  readonly kind: 'file'
  readonly file: string
  readonly line: number
  readonly column: number
  /** Characters to underline. */
  readonly length: number
}

export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'profile':
      return `profile ${origin.name}`
    case 'file':
      return `${origin.file}:${origin.line}:${origin.column}`
    case 'env':
    case 'flag':
    case 'exchange':
      return origin.name
    default:
      return origin satisfies never
  }
}

/** One value and where it was said. */
export interface Leaf {
  /** Dotted. */
  readonly path: string
  readonly value: unknown
  readonly origin: Origin
}

/** What one source says. */
export interface Source {
  /** As a tree of plain values, for the schema. */
  readonly tree: Tree
  /** Its leaves, in order. */
  readonly leaves: readonly Leaf[]
  /** Where a key or its value stands, by dotted path; sections, too. */
  place(path: string, part: 'key' | 'value'): Origin
}

export interface Tree {
  [key: string]: unknown
}

/** `__proto__` is a key like any other here: it must be found unknown, not take effect. */
export function define(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Puts `value` at `path`. False when something that is no section is in the way. */
export function put(tree: Tree, path: readonly string[], value: unknown): boolean {
  let at = tree
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(at, key)) define(at, key, {})
    const next = at[key]
    if (!isTree(next)) return false
    at = next
  }
  define(at, path.at(-1) ?? '', value)
  return true
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
