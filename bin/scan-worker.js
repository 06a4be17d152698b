// A helping thread of `mm scan-secrets` (src/core/scan/workers.ts): the same file and bytecode as in the main thread.
void require('./run.js').compile('scan').run().startHelper()
