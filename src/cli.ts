import { setImmediate } from 'node:timers/promises'
import { readDefaults } from './cli/defaults.js'
import { createProgram } from './cli/program.js'
import { codeWithoutOutput, guardOutput } from './cli/terminal.js'
import { ExitCode, exitCodeOf, messageOf, YurtSshError } from './errors.js'

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const outputLost = guardOutput([process.stdout, process.stderr])
  let exitCode: ExitCode = ExitCode.done
  const program = createProgram((code) => {
    exitCode = code
  })
  readDefaults(program)
  try {
    await program.parseAsync(argv)
    // a write that failed is told in a later turn
    await setImmediate()
    if (!outputLost()) return exitCode
    process.stderr.write('the output could not be written; is the disk full?\n')
    return codeWithoutOutput(exitCode)
  } catch (error) {
    if (isCommanderExit(error)) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    const { renderError } = await import('./report/recap.js')
    process.stderr.write(`${error instanceof YurtSshError ? renderError(error) : bug(error)}\n`)
    return exitCodeOf(error)
  }
}

function bug(error: unknown): string {
  return `This is a bug in yurt-ssh: ${error instanceof Error ? error.stack : messageOf(error)}`
}

function isCommanderExit(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')
}
