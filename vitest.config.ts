import { defineConfig } from 'vitest/config'

const json = process.env.VITEST_JSON

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/faults/**'],
    globalSetup: 'test/support/own-folder.ts',
    testTimeout: 20_000,
    // most tests wait for processes of theirs: on two cores vitest would run one file at a time
    maxWorkers: '100%',
    reporters: json === undefined ? ['default'] : ['default', ['json', { outputFile: json }]],
  },
})
