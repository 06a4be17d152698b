/**
 * The files of a working tree or folder. What there is to read is listed before anything else is loaded, so that helping
 * threads start as early as their number of files is worth it.
 */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Coverage } from './coverage.ts'
import { type FileListing, listFolder, listRepository, type NestedTree, splitPaths } from './file-list.ts'
import type { FileTask } from './file-scan.ts'
import { isInside, type Repository, shouldBeRepository } from './git.ts'
import type { Session } from './session.ts'
import type { SourceScan } from './source.ts'
import { FILES_MIN, type Helpers, packTasks, scanTasks } from './workers.ts'

export interface TreeOptions {
  readonly cwd: string
  /** Files and folders named on the command line; everything when there are none. */
  readonly paths: readonly string[]
  readonly repository: Repository | undefined
  /** Why there is no repository. */
  readonly why: string
  readonly helpers: Helpers
  readonly opening: Promise<Session>
}

/** Lists the files and starts the threads that are worth it. */
export async function listTree(options: TreeOptions, coverage: Coverage): Promise<SourceScan> {
  const { repository, cwd, why, paths, helpers, opening } = options
  if (repository?.isBare === true && paths.length === 0 && isInside(realpathSync(cwd), repository.root)) {
    const { listBlobs } = await import('./history.ts')
    coverage.skip(repository.root, 'bare repository: the files of HEAD were scanned')
    return listBlobs(repository, { range: 'HEAD^{tree}', helpers, opening })
  }
  const fault = repository?.isBare === true ? 'git says that this is no working tree' : why
  if (fault !== '' && paths.length === 0 && shouldBeRepository(cwd))
    coverage.miss(cwd, `${fault}: read as a plain folder, what only the index holds was not read`)
  const { tasks, nested } = await filesOf(options, coverage)
  if (tasks.length >= FILES_MIN) helpers.start()
  return async (session) => {
    await scanTasks(session, packTasks(tasks, repository?.root ?? cwd), helpers)
    const { insistOnInput, scanAbsent } = await import('./absent.ts')
    if (repository === undefined || repository.isBare) {
      insistOnInput(session, cwd, false)
      return 0
    }
    const wanted = paths.map((path) => resolve(cwd, path))
    const isWanted = (path: string) => wanted.length === 0 || wanted.some((at) => isInside(path, at))
    await scanAbsent(session, { repository, nested, isWanted })
    insistOnInput(session, wanted[0] ?? repository.root, wanted.length === 0)
    return 0
  }
}

async function filesOf({ cwd, repository, paths, helpers }: TreeOptions, coverage: Coverage): Promise<FileListing> {
  const onFiles = (count: number) => void (count >= FILES_MIN && helpers.start())
  const plain = (folder: string, root: string) => ({ tasks: listFolder(folder, root, coverage, onFiles), nested: [] })
  const isPlain = repository === undefined || repository.isBare
  if (paths.length === 0) return isPlain ? plain(cwd, cwd) : listRepository(repository, [], coverage)
  const { files, folders } = splitPaths(
    paths.map((path) => resolve(cwd, path)),
    coverage,
  )
  const root = repository?.root ?? cwd
  const tasks: FileTask[] = files.map(({ open, display }) => ({
    open,
    display: isInside(display, root) ? display.slice(root.length + 1) : display,
  }))
  const nested: NestedTree[] = []
  for (const folder of folders) {
    const inside = !isPlain && isInside(folder, repository.root)
    const listed = inside ? await listRepository(repository, [folder], coverage) : plain(folder, root)
    // An ignored folder that somebody names is meant.
    tasks.push(...(inside && listed.tasks.length === 0 ? plain(folder, root) : listed).tasks)
    nested.push(...listed.nested)
  }
  return { tasks, nested }
}
