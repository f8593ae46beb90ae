import { defineConfig } from 'vitest/config'
import { TimingReporter } from './test/e2e/support/timing-reporter.js'

process.env.E2E_KUBERNETES ??= '1.34'

const json = process.env.VITEST_JSON

// The lab of Kubernetes 1.34: one cluster, one file at a time; no file needs another.
export default defineConfig({
  test: {
    include: ['test/e2e/modern/*.test.ts'],
    globalSetup: ['test/e2e/modern/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    bail: 1,
    fileParallelism: false,
    sequence: { concurrent: false },
    reporters: [
      'verbose',
      new TimingReporter(),
      ...(json === undefined ? [] : [['json', { outputFile: json }] satisfies [string, object]]),
    ],
  },
})
