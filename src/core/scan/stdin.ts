/** A text that comes through a pipe. Nothing on it is not a clean text but none. */
import { readSync } from 'node:fs'
import type { Coverage } from './coverage.ts'
import { codeOf, reason } from './file-scan.ts'
import type { Session } from './session.ts'

/** Reads standard input to its end, as one text. */
export function scanStdin(session: Session): number {
  const { windows, coverage } = session
  windows.begin('(stdin)')
  for (;;) {
    const offset = windows.offset
    const count = readSome(windows.buffer, offset, coverage)
    if (count <= 0) break
    windows.filled(count)
    coverage.bytes += count
  }
  coverage.files++
  for (const hit of windows.end()) session.add(hit, '(stdin)')
  // A pipe that nobody wrote to: whatever should have come was not looked at.
  if (coverage.bytes === 0) coverage.miss('(stdin)', 'no input')
  return 0
}

function readSome(buffer: Buffer, offset: number, coverage: Coverage): number {
  for (;;) {
    try {
      return readSync(0, buffer, offset, buffer.length - offset, null)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') {
        coverage.miss('(stdin)', reason(error))
        return 0
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
