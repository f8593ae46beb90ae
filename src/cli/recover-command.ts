import type { Command } from 'commander'
import type { ExitCode } from '../errors.js'
import { commonOptions, type Flags, fleetFlags } from './flags.js'
import { runDirFlag } from './run-flags.js'
import { askAbout, askSecret, interruptions, print, requireSomebody, tell } from './terminal.js'

/** Adds `recover`: what dead runs left, finished or undone. */
export function recoverCommand(program: Command, finish: (exitCode: ExitCode) => void): void {
  const command = program
    .command('recover')
    .description('finish or undo what dead runs left; does nothing else')
  runDirFlag(fleetFlags(command))
    .option('--check', 'only show what dead runs left; exit code 10 when anything is')
    .option('-y, --yes', 'do not ask')
    .action(async (flags: Flags & { runDir?: string }) => {
      const { yes = false } = flags
      if (flags.check !== true) requireSomebody(yes)
      const { createReadingLine } = await import('./reading-line.js')
      const { runsFolder } = await import('./runs-folder.js')
      const { recover } = await import('../commands/recover.js')
      const { renderRecovery } = await import('../report/recover.js')
      const result = await recover(commonOptions(flags), {
        signal: interruptions(),
        tell,
        runs: runsFolder(flags),
        askSecret,
        reading: createReadingLine(),
        approveRecovery: (lines) => askAbout(yes, lines),
      })
      await print(flags.json === true, result, renderRecovery(result.left, result.failures, result.settled))
      finish(result.exitCode)
    })
}
