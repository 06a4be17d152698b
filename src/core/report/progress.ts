/** Progress of long work: a line that rewrites itself on a TTY, a plain line every 10 s elsewhere. Never on stdout. */
import { performance } from 'node:perf_hooks'

export interface Progress {
  /** `done` of `total`, in the unit of the line; may be called as often as one likes. */
  show(what: string, done: number, total: number): void
  end(): void
}

interface Target {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const TTY_EVERY_MS = 100
const PLAIN_EVERY_MS = 10_000

/** `unit`: what a million of the counted things is called, such as MB. */
export function progressLine(target: Target, unit: string, nowMs: () => number = () => performance.now()): Progress {
  const everyMs = target.isTTY === true ? TTY_EVERY_MS : PLAIN_EVERY_MS
  let stage = ''
  let startMs = 0
  let shownMs = 0
  let isShown = false
  return {
    show(what, done, total) {
      const now = nowMs()
      if (what !== stage) {
        stage = what
        startMs = now
        shownMs = now
      }
      if (now - shownMs < everyMs) return
      shownMs = now
      const text = progressText(what, { unit, done, total, elapsedMs: now - startMs })
      target.write(target.isTTY === true ? `\r\u001b[K${text}` : `${text}\n`)
      isShown = true
    },
    end() {
      if (isShown && target.isTTY === true) target.write('\r\u001b[K')
    },
  }
}

export function progressText(
  what: string,
  at: { readonly unit: string; readonly done: number; readonly total: number; readonly elapsedMs: number },
): string {
  const share = at.total === 0 ? 1 : at.done / at.total
  const rate = at.done / Math.max(at.elapsedMs, 1) / 1_000
  const leftS = share === 0 ? 0 : (at.elapsedMs / share - at.elapsedMs) / 1_000
  return `${what} ${(share * 100).toFixed(0)} %  ${rate.toFixed(1)} ${at.unit}/s  ${leftS.toFixed(0)} s left`
}
