/**
 * Small files that must be on the disk when the promise resolves, written on the thread pool: the disk may hang. A leaf:
 * the emergency path writes with it, so nothing is loaded before it is needed.
 */

/** Writes and syncs the file, for the owner alone. Rejects with the system's error. */
export async function writeSoon(path: string, text: string): Promise<void> {
  const { open } = process.getBuiltinModule('node:fs/promises')
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** As `writeSoon`, but whoever reads sees the old text or the new one, never half of it. Leaves no draft behind. */
export async function replaceSoon(path: string, text: string): Promise<void> {
  const { rename, rm } = process.getBuiltinModule('node:fs/promises')
  const draft = `${path}.${process.pid}.tmp`
  try {
    await writeSoon(draft, text)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}
