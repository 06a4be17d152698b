/** Where a worker thread's file is: beside ours, compiled when we are compiled and source when we run from source. */
export function workerFile(compiled: URL): URL {
  if (!import.meta.url.endsWith('.ts')) return compiled
  return new URL(compiled.href.replace(/\.js$/, '.ts'))
}
