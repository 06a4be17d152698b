/** Broken beliefs. An `invariant` that fails is a bug of ours: it crashes, and the crash path cancels orders. */

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

export function invariant(belief: boolean, message: string): asserts belief {
  if (!belief) throw new InvariantError(message)
}

/** Ends an exhaustive `switch`: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`)
}
