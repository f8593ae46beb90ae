import path from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { root } from './lab.js'

/** Closing lines: where the time went, by file and by test, and how many tests there were. */
export class TimingReporter implements Reporter {
  readonly #began = Date.now()

  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    const lines: string[] = []
    for (const module of modules) {
      lines.push(row(module.diagnostic().duration, path.relative(root, module.moduleId)))
      for (const test of module.children.allTests()) {
        count[test.result().state]++
        lines.push(row(test.diagnostic()?.duration ?? 0, `  ${test.name}`))
      }
    }
    const total = count.passed + count.failed + count.skipped + count.pending
    const minutes = ((Date.now() - this.#began) / 60_000).toFixed(1)
    process.stdout.write(`\n seconds  where the time went\n${lines.join('\n')}\n`)
    process.stdout.write(
      `\ne2e: ${total} tests, ${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} not run, ${minutes} minutes\n`,
    )
  }
}

function row(milliseconds: number, text: string): string {
  return `${(milliseconds / 1000).toFixed(0).padStart(8)}  ${text}`
}
