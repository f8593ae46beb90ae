import { Command } from 'commander'
import type { ChangeResult } from '../commands/change.js'
import type { ChangeOptions, Surroundings } from '../commands/options.js'
import type { ExitCode } from '../errors.js'
import { applyCommand } from './apply-command.js'
import { completionCommand } from './completion-command.js'
import { addExamples } from './examples.js'
import { changeFlags, commonOptions, conversionFlags, type Flags, fleetFlags, list } from './flags.js'
import { inventoryCommands } from './inventory.js'
import { addLabCommands } from './lab.js'
import { recoverCommand } from './recover-command.js'
import { addRehearsalCommands } from './rehearsal.js'
import { reportCommands } from './report-commands.js'
import { paceOf } from './rollout-flags.js'
import { type RunFlags, runFlags } from './run-flags.js'
import { statusCommand } from './status-command.js'
import { askSecret, columns, interruptions, print, tell } from './terminal.js'
import { unlockCommand } from './unlock-command.js'
import { version } from './version.js'

/** The command line; `finish` gets the exit code. Commands and what draws their results are loaded when they are called. */
export function createProgram(finish: (exitCode: ExitCode) => void): Command {
  const program = new Command('yurt-ssh')
    .description('Turns a running Kubernetes cluster into an OpenYurt cluster, and back, over SSH.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')

  const command = (name: string, description: string): Command =>
    program.command(name).description(description)

  runFlags(
    changeFlags(conversionFlags(fleetFlags(command('convert', 'convert hosts and cluster to OpenYurt')))),
  ).action(async (flags: Flags) => {
    const { convert } = await import('../commands/convert.js')
    finish(await change(convert, flags))
  })

  runFlags(changeFlags(fleetFlags(command('revert', 'take OpenYurt out again, byte for byte'))))
    .addOption(list('--leave-behind <names>', 'go on although these hosts stay converted'))
    .option('--adopt', "take out what OpenYurt's own yurtctl did")
    .action(async (flags: Flags) => {
      const { revert } = await import('../commands/revert.js')
      finish(await change(revert, flags))
    })

  applyCommand(program, finish)
  statusCommand(program, finish)

  conversionFlags(fleetFlags(command('preflight', 'check what a conversion needs; changes nothing'))).action(
    async (flags: Flags) => {
      const { preflight } = await import('../commands/preflight.js')
      const { createReadingLine } = await import('./reading-line.js')
      const { goOnLines, renderChecks } = await import('../report/checks.js')
      const result = await preflight(commonOptions(flags), {
        signal: interruptions(),
        tell,
        askSecret,
        reading: createReadingLine(),
      })
      const text = [renderChecks(result.checks, columns()), ...goOnLines(result.goOn)].join('\n')
      await print(flags.json === true, result, text)
      finish(result.exitCode)
    },
  )

  recoverCommand(program, finish)
  reportCommands(program)

  unlockCommand(program)
  inventoryCommands(program, finish)
  addRehearsalCommands(program, finish)
  addLabCommands(program)
  completionCommand(program)
  addExamples(program)
  return program
}

async function change(
  command: (given: ChangeOptions, surroundings: Surroundings) => Promise<ChangeResult>,
  flags: Flags & RunFlags,
): Promise<ExitCode> {
  const { out } = flags
  const check = flags.check === true || out !== undefined
  const given = {
    ...commonOptions(flags),
    check,
    pace: paceOf(flags),
    ...(out === undefined ? {} : { out: { file: out, yurtSsh: version() } }),
  }
  const { carryOut } = await import('./carry-out.js')
  return carryOut((surroundings) => command(given, surroundings), { ...flags, check })
}
