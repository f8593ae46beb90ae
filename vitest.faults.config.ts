import { defineConfig } from 'vitest/config'
import { FaultReporter } from './test/faults/support/reporter.js'

const json = process.env.VITEST_JSON

// One cluster, one suite: cases on different hosts share a run, everything else is one after the other.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/e2e/support/setup.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    teardownTimeout: 300_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    reporters: [
      'verbose',
      new FaultReporter(),
      ...(json === undefined ? [] : [['json', { outputFile: json }] satisfies [string, object]]),
    ],
  },
})
