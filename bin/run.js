#!/usr/bin/env node
// Entry point of `mm`. `cancel-all` and `--version` must start fast and work when everything else is broken,
// so they are dispatched before oclif is loaded; whatever they do not understand falls through to oclif.
import { enableCompileCache } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `mm: this is Node ${process.versions.node}; mm needs Node 24 or newer. Run ./bin/mm (it finds the pinned one) or install Node 24.\n`,
  )
  process.exit(2)
}
enableCompileCache?.()

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { run } = await import('../dist/main.js')
await run(process.argv.slice(2), root)
