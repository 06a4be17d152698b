/**
 * The controlling terminal of this process: whether there was one at the start, and whether it is gone. Tells a terminal
 * that hung up from an operator who sends SIGHUP. Opens /dev/tty and closes it again; never reads or writes it.
 */
import { closeSync, constants, openSync } from 'node:fs'

const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants

export class Terminal {
  private readonly hadOne: boolean
  private readonly opens: () => boolean

  /** Looks at once. `opens`: whether the terminal can be opened. */
  constructor(opens: () => boolean = ttyOpens) {
    this.opens = opens
    this.hadOne = opens()
  }

  /** There was one, and it cannot be opened any more. */
  get isLost(): boolean {
    return this.hadOne && !this.opens()
  }
}

// Without a controlling terminal, or after it hung up: ENXIO, EIO. Whatever else is in the way counts as lost, because
// a stop too many leaves no order behind.
function ttyOpens(): boolean {
  try {
    closeSync(openSync('/dev/tty', O_RDONLY | O_NOCTTY | O_NONBLOCK))
    return true
  } catch {
    return false
  }
}
