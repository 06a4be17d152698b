/** The folder a command is called in. It may have been deleted meanwhile: that is no bug of ours, and nothing to guess about. */
import { fail, messageOf } from './errors.ts'

/** Throws `WORKING_FOLDER` when there is none. */
export function workingFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    return fail('WORKING_FOLDER', { reason: messageOf(error).split(',', 1)[0] ?? '' }, error)
  }
}
