import { defineConfig } from 'vitest/config'

// The cases share one cluster and build on each other: one file at a time, in order.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    reporters: ['verbose'],
    bail: 1,
  },
})
