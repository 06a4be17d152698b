/** Draws the feed at most four times a second, and again at once when the terminal changes its size. */
import { render } from 'ink'
import { openFeed } from './feed.ts'
import { Screen } from './screen.tsx'

const FRAME_MS = 250

/** Returns when the bot is gone; the last frame stays on the terminal. */
export async function show(socketPath: string): Promise<void> {
  let isStale = true
  const feed = openFeed(socketPath, () => {
    isStale = true
  })
  const { stdout } = process
  const ink = render(frame(), { exitOnCtrlC: false, patchConsole: false })
  const draw = (): void => {
    if (!isStale) return
    isStale = false
    ink.rerender(frame())
  }
  const redraw = (): void => {
    isStale = true
    draw()
  }
  const timer = setInterval(draw, FRAME_MS)
  stdout.on('resize', redraw)
  try {
    await feed.ended
  } finally {
    clearInterval(timer)
    stdout.off('resize', redraw)
    isStale = true
    draw()
    ink.unmount()
  }

  function frame() {
    return <Screen live={feed.latest()} columns={stdout.columns ?? 100} rows={stdout.rows ?? 40} />
  }
}
