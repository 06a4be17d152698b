// The lockfile is complete: `npm ci` works on every platform and fetches nothing that it cannot check.
// npm leaves out the optional binaries that a registry could not serve while the lock was written, and `npm ci`
// then refuses the lock everywhere. The remedy is a version whose binaries are all there, never a thinner lock.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Record<string, string>
}

const lock: { readonly packages: Record<string, Locked> } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
)

/** Optional dependencies that a package names and the lock does not hold, nested or hoisted. */
function missingOptionals(packages: Record<string, Locked>): string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  )
}

test('every optional binary of every platform is locked', () => {
  expect(missingOptionals(lock.packages)).toEqual([])
})

test('a lock without one of them is noticed', () => {
  const thin = {
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-darwin': '1' } },
    'node_modules/a-linux': {},
  }
  expect(missingOptionals(thin)).toEqual(['a-darwin'])
})

test('every package is locked by its sha512', () => {
  const loose = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && entry.inBundle !== true && !(entry.integrity ?? '').startsWith('sha512-'),
  )
  expect(loose.map(([path]) => path)).toEqual([])
})
