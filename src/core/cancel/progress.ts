/** Where the emergency stands, for people: a line rewritten in place on a terminal, a line every 10 s otherwise. */
import { plainLine } from '../plain-text.ts'
import type { Progress } from './outcome.ts'

interface Screen {
  /** Text as it is, without a line end of its own. */
  readonly write: (text: string) => void
  readonly isTty: boolean
}

export interface ProgressPrinter {
  readonly tell: (progress: Progress) => void
  /** Says at once where it stands. */
  readonly now: () => void
  readonly stop: () => void
}

const TTY_MS = 250
const PLAIN_MS = 10_000

/** Prints by its own timer: a call that hangs must not look like a program that hangs. */
export function progressPrinter(screen: Screen): ProgressPrinter {
  const startedMs = performance.now()
  let last: Progress | null = null
  const print = (): void => {
    if (last === null) return
    const line = lineOf(last, performance.now() - startedMs)
    screen.write(screen.isTty ? `\r\x1b[K${line}` : `${line}\n`)
  }
  const timer = setInterval(print, screen.isTty ? TTY_MS : PLAIN_MS)
  timer.unref()
  return {
    tell: (progress) => {
      last = progress
    },
    now: () => {
      print()
      if (screen.isTty) screen.write('\n')
    },
    stop: () => {
      clearInterval(timer)
      if (screen.isTty && last !== null) screen.write('\r\x1b[K')
    },
  }
}

function lineOf(progress: Progress, elapsedMs: number): string {
  const { step, open, seen, requests, fenceLevel, tSafeInMs, trouble } = progress
  const safe = tSafeInMs === null ? 'fencing' : tSafeInMs > 0 ? `T_safe in ${Math.ceil(tSafeInMs)} ms` : 'past T_safe'
  const parts = [
    `${(elapsedMs / 1_000).toFixed(1)} s`,
    step,
    `open ${open ?? '?'}`,
    `seen ${seen}`,
    `${requests} requests`,
    ...(fenceLevel === 'unasked' ? [] : [`fence ${fenceLevel}`, safe]),
  ]
  return `${parts.join(' · ')}${trouble === '' ? '' : ` · ${plainLine(trouble)}`}`
}
