/**
 * Tells V8's compilers to leave JavaScript alone until it is really hot: the WebAssembly finders do nearly all the work, and
 * half a second of a scan is too short to earn back what two threads compile. What dies young stays in a small nursery, and
 * the one collection of a scan is done at a stroke: marking in steps keeps alive whatever is made meanwhile. It is kept from
 * beginning by its trigger and not forbidden (`--no-incremental-marking`): a heap of another thread that is about to begin
 * would find it forbidden, which is fatal in V8.
 * Only once everything is loaded: flags that changed make V8 refuse the bytecode it keeps of Node's own modules, and a
 * thread then takes twice the time to start.
 */
const FLAGS = [
  '--invocation-count-for-maglev=5000',
  '--invocation-count-for-turbofan=100000',
  '--semi-space-growth-factor=1',
  '--incremental-marking-hard-trigger=100',
] as const

/** For the whole process, whichever thread calls it. */
export function tuneCompilers(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  for (const flag of FLAGS) setFlagsFromString(flag)
}
