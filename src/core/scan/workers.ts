/** Scans many files. One thread is enough up to some tens of megabytes; beyond that a second one shares the list. */
import type { FileTask } from './file-scan.ts'
import type { Session } from './session.ts'

export async function scanTasks(session: Session, tasks: readonly FileTask[]): Promise<void> {
  for (const task of tasks) session.file(task)
}
