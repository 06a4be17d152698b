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

// Two in one process must not write the same draft.
let drafts = 0

/** As `replaceSoon`, but only where nothing stands yet: false, and nothing is changed, when somebody was faster. */
export async function createSoon(path: string, text: string): Promise<boolean> {
  const { link, rename, rm } = process.getBuiltinModule('node:fs/promises')
  const draft = `${path}.${process.pid}.${drafts++}.tmp`
  try {
    await writeSoon(draft, text)
    return await link(draft, path).then(
      () => true,
      async (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
        // A file system without hard links: then the last one wins.
        await rename(draft, path)
        return true
      },
    )
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
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
