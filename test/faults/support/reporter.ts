import type { Reporter, TestModule } from 'vitest/node'

/** The suite's last line: how many cases ended as promised. */
export class FaultReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { survived: 0, violated: 0, skipped: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) count.violated++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') count.survived++
        else if (state === 'failed') count.violated++
        else count.skipped++
        if (state === 'failed') process.stdout.write(`violated: ${test.name}\n`)
      }
    }
    if (count.skipped > 0) process.stdout.write(`not in this run's budget: ${count.skipped}\n`)
    // Vitest prints its own summary after this hook: the promise is that this line is the last one.
    process.on('exit', () => {
      process.stdout.write(`faults: ${count.survived} survived, ${count.violated} violated\n`)
      if (count.violated > 0 || count.survived === 0) process.exitCode = 1
    })
  }
}
