/** A folder of its own for configuration files, and the loader with the real packs in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { type ConfigSources, type LoadedConfig, loadConfig, resolveConfig } from '../../src/core/config/load.ts'
import { originText } from '../../src/core/config/origin.ts'
import type { Problem } from '../../src/core/config/problem.ts'
import { allPacks, packSchemas } from '../../src/core/runtime/packs.ts'

export const PACKS = packSchemas(await allPacks())

/** Made anew for every test of the file that calls it. */
export class Folder {
  dir = ''

  constructor() {
    beforeEach(() => {
      this.dir = mkdtempSync(join(tmpdir(), 'mm-config-'))
    })
    afterEach(() => {
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  file(text: string | Uint8Array, name = 'mm.yaml'): string {
    const path = join(this.dir, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  load(sources: Partial<ConfigSources> = {}): LoadedConfig {
    return loadConfig({ env: {}, cwd: this.dir, ...sources }, PACKS)
  }

  problems(sources: Partial<ConfigSources> = {}): readonly Problem[] {
    return resolveConfig({ env: {}, cwd: this.dir, ...sources }, PACKS).problems
  }

  /** "mm.yaml:3:5 CODE key", in order. */
  listed(sources: Partial<ConfigSources> = {}): string[] {
    return this.problems(sources).map(({ origin, code, key }) => {
      const place = originText(origin).replace(`${this.dir}/`, '')
      return [place, code, key].filter(Boolean).join(' ')
    })
  }
}
