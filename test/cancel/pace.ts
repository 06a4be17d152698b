/**
 * How slow this machine is while something is measured on it: what has to be quick for people is counted in the machine's
 * own time, so that a busy one, or one that stands still for seconds, proves nothing wrong.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** Node starts in this time on the machine that the bounds are written for. */
const START_MS = 50
const PAUSE_MS = 250

/** Looks again and again until `stop`, which gives the worst: at least 1. */
export class Pace {
  private worst = 1
  private isOver = false
  private readonly looking = this.look()

  async stop(): Promise<number> {
    this.isOver = true
    await this.looking
    return this.worst
  }

  private async look(): Promise<void> {
    do {
      this.note(await started(), START_MS)
      const fromMs = performance.now()
      await sleep(PAUSE_MS)
      this.note(performance.now() - fromMs, PAUSE_MS)
    } while (!this.isOver)
  }

  private note(tookMs: number, usualMs: number): void {
    this.worst = Math.max(this.worst, tookMs / usualMs)
  }
}

async function started(): Promise<number> {
  const fromMs = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - fromMs
}
