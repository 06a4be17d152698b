/** Real processes: an exchange on loopback and `mm` beside it, as an operator has them. Needs dist/ (npm test builds it). */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as plainTest } from 'vitest'
import { Heard } from './heard.ts'

/** A test with a bench of its own. When it fails, everything that its processes said is printed. */
export const test = plainTest.extend<{ desk: Bench }>({
  desk: async ({ task, onTestFailed }, use) => {
    const desk = new Bench()
    onTestFailed(() => void process.stderr.write(desk.report(task.name)))
    await use(desk)
    await desk.close()
  },
})

export const ROOT = join(import.meta.dirname, '..', '..')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly out: Heard
  readonly err: Heard
  /** Once it is gone and all that it said was heard. */
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

/** Starts a program and hears all that it says. */
export function begin(program: string, args: readonly string[], options: Omit<SpawnOptions, 'stdio'>): Running {
  const startedMs = performance.now()
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const err = new Heard(child.stderr)
  const out = new Heard(child.stdout, err)
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({
    code: code ?? null,
    stdout: out.text,
    stderr: err.text,
    ms: performance.now() - startedMs,
  }))
  return { child, out, err, ended }
}

/** Ends what still runs, and waits until it is gone: nobody writes any more into a folder that is removed next. */
export async function endAll(all: readonly Running[]): Promise<void> {
  for (const { child } of all) child.kill('SIGKILL')
  for (const { ended } of all) await ended
}

/** One scratch folder and everything started in it; `close` ends and removes all. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'mm-cancel-'))
  private readonly started: { readonly what: string; readonly running: Running }[] = []

  file(name: string, content: string, mode = 0o600): string {
    const path = join(this.dir, name)
    writeFileSync(path, content, { mode })
    return path
  }

  /** Starts `mm` with nothing of our environment but what is given. */
  mm(args: readonly string[], env: Record<string, string> = {}, entry = 'bin/run.js'): Running {
    const running = begin(process.execPath, ['--single-threaded-gc', entry, ...args], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.dir, XDG_STATE_HOME: join(this.dir, 'xdg'), ...env },
    })
    this.started.push({ what: [entry, ...args].join(' '), running })
    return running
  }

  async exchange(args: readonly string[] = []): Promise<Exchange> {
    const first = await this.mm(['exchange', ...args]).out.line()
    const { rest, apiKey, apiSecret } = JSON.parse(first) as Record<string, string>
    if (rest === undefined || apiKey === undefined || apiSecret === undefined) throw new Error(first)
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

  /** What every process said, and how it ended. */
  report(title: string): string {
    const parts = this.started.map(({ what, running: { child, out, err } }) => {
      const end = child.exitCode ?? child.signalCode ?? 'still running'
      return `--- ${what}\n--- ${end}\n${tail(out.text)}\n${tail(err.text)}\n`
    })
    return `=== ${title}: what its processes said\n${parts.join('')}`
  }

  async close(): Promise<void> {
    await endAll(this.started.map(({ running }) => running))
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const tail = (text: string): string => (text.length > 4_000 ? `…${text.slice(-4_000)}` : text)
