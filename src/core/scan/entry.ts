/**
 * What bin/run.js needs of the scanner, as one file with its bytecode beside it (scripts/scan-cache.js): a commit hook and
 * a second thread start in half the time.
 */
export { runFast } from './main.ts'
export { startHelper } from './worker.ts'
