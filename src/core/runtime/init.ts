/** `mm init`: writes a commented mm.yaml from the schema. Overwrites nothing unless told to, and never half a file. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { keyTable } from '../config/key-table.ts'
import { PROFILES, shippedProfile } from '../config/profiles.ts'
import { configSchema } from '../config/schema.ts'
import { starterFile } from '../config/starter-file.ts'
import { fail } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { didYouMean } from '../registry.ts'
import { allPacks, packSchemas } from './packs.ts'

export interface InitOptions {
  readonly dir: string
  readonly force: boolean
  /** Whose values are written out. */
  readonly profile: string | undefined
  /** Folder of our own package. */
  readonly root: string
}

/** Where the JSON Schema of the package lies, from its root. */
export const SCHEMA_FILE = join('schema', 'mm.schema.json')

/** Returns the path of the file. Throws INIT_EXISTS or INIT_WRITE. */
export async function init({ dir, force, profile, root }: InitOptions): Promise<string> {
  const schemas = packSchemas(await allPacks())
  const folder = resolve(dir)
  const file = join(folder, 'mm.yaml')
  const text = starterFile(keyTable(configSchema(schemas)), {
    schemaPath: relative(folder, join(root, SCHEMA_FILE)),
    values: profile === undefined ? new Map() : profileValues(profile),
  })
  write(file, text, force)
  return file
}

// Of a shipped profile, which stands in no file: what is already in the folder is not read.
function profileValues(name: string): ReadonlyMap<string, unknown> {
  const found = shippedProfile(name)
  if (found === null)
    return fail('PROFILE_UNKNOWN', {
      what: `unknown profile ${name}${didYouMean(name, Object.keys(PROFILES))}`,
      fix: `Known profiles: ${Object.keys(PROFILES).join(', ')}.`,
    })
  return new Map(found.leaves.map(({ path, value }) => [path, value]))
}

function write(file: string, text: string, force: boolean): void {
  try {
    makeFolder(dirname(file))
  } catch (error) {
    fail('INIT_WRITE', { file, reason: (error as Error).message }, error)
  }
  if (!force) return create(file, text)
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text, { flag: 'wx' })
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    fail('INIT_WRITE', { file, reason: (error as Error).message }, error)
  }
}

function create(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') fail('INIT_EXISTS', { file }, error)
    fail('INIT_WRITE', { file, reason: (error as Error).message }, error)
  }
}
