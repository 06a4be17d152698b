import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // No test ends by this: it only tells a hang from a slow machine. The longest takes 15 s on two idle cores.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Two cores everywhere this runs.
    maxWorkers: 2,
    env: { TZ: 'UTC' },
  },
})
