/**
 * Who may import whom, as data: the table of docs/ARCHITECTURE.md. The first row whose pattern matches a file is its
 * layer. `core` lists what it may import below src/core (prefixes), `npm` packages by name, `node` whether node:* is free.
 */
export interface Layer {
  readonly name: string
  readonly files: RegExp
  readonly core: readonly string[]
  readonly npm: readonly string[]
  readonly node: boolean
  /** No clock, randomness, await or logging. */
  readonly isPure: boolean
}

const PURE = { npm: [], node: false, isPure: true }
const LEAVES = [
  'errors.ts',
  'error-document.ts',
  'plain-text.ts',
  'duration.ts',
  'state-path.ts',
  'make-folder.ts',
  'small-file.ts',
  'durable-file.ts',
  'stop-signal.ts',
  'working-folder.ts',
]

const BACK = [
  'domain/',
  'engine/',
  'exchange/port.ts',
  'exchange/wire.ts',
  'recording/',
  'cancel/',
  'deadman/',
  'credentials.ts',
]
const RUNTIME = [
  ...BACK,
  'config/',
  'registry.ts',
  'latch.ts',
  'run-lock.ts',
  'runtime/',
  'scan/match.ts',
  'report/',
  ...LEAVES,
]
/** The only files that join an engine to a concrete exchange. */
const JOINERS = /^src\/core\/runtime\/(?:live|paper|backtest|replay)(?:-[a-z-]+)?\.ts$/
const READERS = [
  'domain/',
  'config/',
  'errors.ts',
  'registry.ts',
  'recording/',
  'report/',
  'scan/match.ts',
  'error-document.ts',
  'plain-text.ts',
  'make-folder.ts',
  'working-folder.ts',
]

export const LAYERS: readonly Layer[] = [
  { name: 'domain', files: /^src\/core\/domain\//, core: ['domain/'], ...PURE },
  { name: 'engine', files: /^src\/core\/engine\//, core: ['domain/', 'engine/'], ...PURE },
  {
    name: 'exchange/sim server',
    files: /^src\/core\/exchange\/sim\/(?:server\/|replay-reader\.ts)/,
    core: [
      'domain/',
      'exchange/port.ts',
      'exchange/wire.ts',
      'exchange/schedule.ts',
      'exchange/sim/',
      'recording/',
      ...LEAVES,
    ],
    npm: ['ws'],
    node: true,
    isPure: false,
  },
  {
    name: 'exchange/sim',
    files: /^src\/core\/exchange\/sim\//,
    core: ['domain/', 'exchange/port.ts', 'exchange/wire.ts', 'exchange/sim/'],
    ...PURE,
  },
  {
    name: 'exchange/bybit',
    files: /^src\/core\/exchange\/bybit\//,
    core: ['domain/', 'exchange/port.ts', 'exchange/wire.ts', 'exchange/bybit/', 'credentials.ts', ...LEAVES],
    npm: ['ws', 'bybit-api', 'decimal.js'],
    node: true,
    isPure: false,
  },
  {
    name: 'exchange',
    files: /^src\/core\/exchange\/[^/]+\.ts$/,
    core: ['domain/', 'exchange/port.ts', 'exchange/wire.ts', 'exchange/schedule.ts', 'exchange/virtual-time.ts'],
    npm: [],
    node: false,
    isPure: false,
  },
  {
    name: 'recording',
    files: /^src\/core\/recording\//,
    core: ['domain/', 'recording/', ...LEAVES],
    npm: ['hyparquet', 'hyparquet-writer'],
    node: true,
    isPure: false,
  },
  {
    name: 'config',
    files: /^src\/core\/config\//,
    core: ['domain/', 'config/', 'registry.ts', 'scan/match.ts', ...LEAVES],
    npm: ['zod', 'yaml', 'decimal.js'],
    node: true,
    isPure: false,
  },
  {
    name: 'cancel',
    files: /^src\/core\/cancel\//,
    core: [
      'domain/',
      'cancel/',
      'credentials.ts',
      'latch.ts',
      'run-lock.ts',
      'state-path.ts',
      'duration.ts',
      'exchange/wire.ts',
      'exchange/bybit/signing.ts',
      'exchange/bybit/codes.ts',
      'exchange/bybit/hosts.ts',
      'exchange/bybit/rate-budget.ts',
      'runtime/journal-reader.ts',
      'runtime/journal-format.ts',
      ...LEAVES,
    ],
    npm: [],
    node: true,
    isPure: false,
  },
  {
    name: 'deadman',
    files: /^src\/core\/deadman\//,
    core: ['deadman/', 'cancel/', 'credentials.ts', 'latch.ts', 'run-lock.ts', 'exchange/wire.ts', ...LEAVES],
    npm: [],
    node: true,
    isPure: false,
  },
  {
    name: 'runtime joiner',
    files: JOINERS,
    core: [...RUNTIME, 'exchange/'],
    npm: ['decimal.js'],
    node: true,
    isPure: false,
  },
  {
    name: 'runtime',
    files: /^src\/core\/runtime\//,
    core: RUNTIME,
    npm: ['pino', 'prom-client', 'decimal.js'],
    node: true,
    isPure: false,
  },
  { name: 'scan', files: /^src\/core\/scan\//, core: ['scan/', ...READERS], npm: ['yaml'], node: true, isPure: false },
  {
    name: 'report',
    files: /^src\/core\/report\//,
    core: ['report/', ...READERS],
    npm: ['decimal.js'],
    node: true,
    isPure: false,
  },
  {
    name: 'core leaves',
    files: /^src\/core\/[^/]+\.ts$/,
    core: ['domain/', ...LEAVES],
    npm: [],
    node: true,
    isPure: false,
  },
  {
    name: 'dashboard',
    files: /^src\/dashboard\//,
    core: ['errors.ts', 'plain-text.ts', 'engine/view.ts', 'runtime/live-view.ts'],
    npm: ['ink', 'react', 'chalk'],
    node: true,
    isPure: false,
  },
  {
    name: 'commands',
    files: /^src\/commands\//,
    core: [
      'runtime/',
      'cancel/',
      'config/',
      'recording/',
      'report/',
      'scan/',
      'deadman/',
      'exchange/sim/server/',
      ...LEAVES,
    ],
    npm: ['@oclif/core'],
    node: true,
    isPure: false,
  },
  {
    name: 'entry',
    files: /^src\/(?:main|oclif|base-command)\.ts$/,
    core: ['cancel/', 'scan/', 'runtime/validate-config.ts', 'registry.ts', ...LEAVES],
    npm: ['@oclif/core', 'chalk'],
    node: true,
    isPure: false,
  },
]

/** Import graphs that must stay small whatever happens around them: file → the only npm packages it may reach. */
export const PINNED_GRAPHS: Readonly<Record<string, readonly string[]>> = {
  'src/main.ts': [],
}
