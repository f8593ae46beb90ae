import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { TimingReporter } from './test/e2e/support/timing-reporter.js'

const json = process.env.VITEST_JSON

class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1)))
  }
}

// The cases share one cluster and build on each other: one file at a time, in the order of their names.
export default defineConfig({
  test: {
    include: ['test/e2e/*.test.ts'],
    globalSetup: ['test/e2e/support/setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 300_000,
    fileParallelism: false,
    sequence: { concurrent: false, sequencer: ByName },
    reporters: [
      'verbose',
      new TimingReporter(),
      ...(json === undefined ? [] : [['json', { outputFile: json }] satisfies [string, object]]),
    ],
    bail: 1,
  },
})
