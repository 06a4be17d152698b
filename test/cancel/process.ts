/** Real processes: an exchange on loopback and `mm` beside it, as an operator has them. Needs dist/ (npm test builds it). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * How much slower this machine is now than one on which Node starts in 50 ms, at least 1: what has to be quick for people
 * is measured in the machine's own time, so that a busy one proves nothing wrong.
 */
export function slowness(): number {
  const fromMs = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return Math.max(1, (performance.now() - fromMs) / 50)
}

export const ROOT = join(import.meta.dirname, '..', '..')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface Exchange {
  readonly url: string
  readonly key: Record<string, string>
  truth(): Promise<Truth>
  openOrders(): Promise<number>
  post(path: string, body: object): Promise<void>
}

export interface Truth {
  readonly accounts: readonly {
    readonly uid: string
    readonly openOrders: readonly Record<string, unknown>[]
    readonly inFlight: number
    readonly positions: readonly { readonly symbol: string; readonly size: string }[]
  }[]
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** One scratch folder and everything started in it; `close` ends and removes all. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'mm-cancel-'))
  private readonly children: ChildProcess[] = []

  file(name: string, content: string, mode = 0o600): string {
    const path = join(this.dir, name)
    writeFileSync(path, content, { mode })
    return path
  }

  /** Starts `mm` with nothing of our environment but what is given. */
  mm(args: readonly string[], env: Record<string, string> = {}, entry = 'bin/run.js'): Running {
    const startedMs = performance.now()
    const child = spawn(process.execPath, ['--single-threaded-gc', entry, ...args], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.dir, XDG_STATE_HOME: join(this.dir, 'xdg'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.children.push(child)
    const out: string[] = []
    const err: string[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()))
    const ended = once(child, 'close').then(([code]: (number | null)[]) => ({
      code: code ?? null,
      stdout: out.join(''),
      stderr: err.join(''),
      ms: performance.now() - startedMs,
    }))
    return { child, ended }
  }

  async exchange(args: readonly string[] = []): Promise<Exchange> {
    const { child, ended } = this.mm(['exchange', ...args])
    const lines = createInterface({ input: child.stdout ?? process.stdin })
    const first = await Promise.race([
      once(lines, 'line').then(([line]: string[]) => line ?? ''),
      ended.then(({ stderr }) => `{"problem":${JSON.stringify(stderr)}}`),
    ])
    const { rest, apiKey, apiSecret, problem } = JSON.parse(first) as Record<string, string>
    if (rest === undefined || apiKey === undefined || apiSecret === undefined) throw new Error(problem)
    const truth = async (): Promise<Truth> => (await fetch(`${rest}/sim/truth`)).json() as Promise<Truth>
    return {
      url: rest,
      key: { MM_API_KEY: apiKey, MM_API_SECRET: apiSecret },
      truth,
      async openOrders() {
        const { accounts } = await truth()
        return accounts.reduce((sum, { openOrders, inFlight }) => sum + openOrders.length + inFlight, 0)
      },
      async post(path, body) {
        const reply = await fetch(`${rest}${path}`, { method: 'POST', body: JSON.stringify(body) })
        if (!reply.ok) throw new Error(await reply.text())
      },
    }
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    rmSync(this.dir, { recursive: true, force: true })
  }
}
