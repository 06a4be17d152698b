/** Where the emergency stands, for people: a line rewritten in place on a terminal, a line every 10 s otherwise. */
import type { Progress } from './cancel-all.ts'

interface Screen {
  readonly err: (text: string) => void
  readonly isTty: boolean
}

const TTY_MS = 250
const PLAIN_MS = 10_000

export function progressPrinter(io: Screen, interrupts: { readonly count: number }): (progress: Progress) => void {
  const startedMs = Date.now()
  let lastMs = io.isTty ? 0 : startedMs
  let toldInterrupt = 0
  return (progress) => {
    const nowMs = Date.now()
    const isAsked = interrupts.count > toldInterrupt
    const isDue = nowMs - lastMs >= (io.isTty ? TTY_MS : PLAIN_MS)
    if (progress.step === 'done' || (!isDue && !isAsked)) return
    lastMs = nowMs
    toldInterrupt = interrupts.count
    io.err(lineOf(progress, nowMs - startedMs))
  }
}

function lineOf(progress: Progress, elapsedMs: number): string {
  const { step, open, seen, requests, fence, tSafeInMs, trouble } = progress
  const safe = tSafeInMs === null ? 'fencing' : tSafeInMs > 0 ? `T_safe in ${Math.ceil(tSafeInMs)} ms` : 'past T_safe'
  const parts = [
    `${(elapsedMs / 1_000).toFixed(1)} s`,
    step,
    `open ${open ?? '?'}`,
    `seen ${seen}`,
    `${requests} requests`,
    `fence ${fence}`,
    safe,
  ]
  return `${parts.join(' · ')}${trouble === '' ? '' : ` · ${trouble}`}`
}
