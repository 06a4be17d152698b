/** How a process that only waits is told to stop. */

/**
 * Resolves with the first SIGINT or SIGTERM. Call it before anything says that the process is there: who reads that may
 * send the signal in the same moment, and without its handler the signal kills.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
