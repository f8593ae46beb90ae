import type { Command } from 'commander'
import type { ExitCode } from '../errors.js'
import type { CarryOutFlags } from './carry-out.js'
import { runFlags } from './run-flags.js'
import { version } from './version.js'

/** Adds `apply`, which runs a stored plan. */
export function applyCommand(program: Command, finish: (exitCode: ExitCode) => void): void {
  const command = program
    .command('apply')
    .description('run a plan that convert or revert stored with --out')
    .argument('<file>', 'the stored plan')
    .option('--check', 'only show what of it would change; exit code 10 when anything would')
    .option('--diff', 'show every change of files and objects')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the result as JSON')
  runFlags(command).action(async (file: string, flags: Omit<CarryOutFlags, 'inventory' | 'confirmWaves'>) => {
    const [{ carryOut }, { apply }, { readPlanFile }] = await Promise.all([
      import('./carry-out.js'),
      import('../commands/apply.js'),
      import('../commands/plan-file.js'),
    ])
    const stored = await readPlanFile(file, version())
    const { inventory, pace } = stored.options
    const exitCode = await carryOut(
      (surroundings) => apply(stored, { check: flags.check ?? false }, surroundings),
      { ...flags, inventory: [...inventory], confirmWaves: pace.confirmWaves },
    )
    finish(exitCode)
  })
}
