/**
 * What a process says on one stream, line by line, from its start on: nothing is missed because nobody waited for it yet,
 * no line is cut by how the bytes came, and the stream is always read, so that no full pipe holds the process up.
 */
import type { Readable } from 'node:stream'

export class Heard {
  /** All of it so far. */
  text = ''
  /** Resolves when nothing more comes. */
  readonly over: Promise<void>
  private readonly beside: Heard | null
  private readonly lines: string[] = []
  private rest = ''
  /** Lines before this one were asked for. */
  private asked = 0
  private isOver = false
  private wake: (() => void)[] = []

  /** `beside`: the stream whose words tell why this one ended. */
  constructor(stream: Readable, beside: Heard | null = null) {
    this.beside = beside
    this.over = new Promise((resolve) => {
      stream.once('close', () => resolve())
    })
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      this.text += chunk
      const lines = (this.rest + chunk).split('\n')
      this.rest = lines.pop() ?? ''
      this.lines.push(...lines)
      this.stir()
    })
    stream.on('close', () => {
      this.isOver = true
      this.stir()
    })
  }

  /** The next line that is wanted, after the one that was given last. Fails when the stream ends without it. */
  async line(isWanted: (line: string) => boolean = () => true): Promise<string> {
    for (;;) {
      while (this.asked < this.lines.length) {
        const line = this.lines[this.asked++] ?? ''
        if (isWanted(line)) return line
      }
      if (this.isOver) return this.fail()
      await new Promise<void>((resolve) => this.wake.push(resolve))
    }
  }

  /** The next line that is JSON and wanted. Others are passed over: a terminal shows both streams. */
  async json<T>(isWanted: (value: T) => boolean = () => true): Promise<T> {
    let found: T | null = null
    await this.line((line) => {
      if (!line.startsWith('{')) return false
      const value = JSON.parse(line) as T
      if (isWanted(value)) found = value
      return found !== null
    })
    if (found === null) throw new Error('a line that was wanted has a value')
    return found
  }

  private async fail(): Promise<never> {
    await this.beside?.over
    const said = [this.text, this.beside?.text].join('\n')
    throw new Error(`it ended before it said what was waited for; it had said:\n${said}`)
  }

  private stir(): void {
    for (const wake of this.wake.splice(0)) wake()
  }
}
