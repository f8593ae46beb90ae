import { Command } from 'commander'
import type { ChangeResult } from '../commands/change.js'
import type { ChangeOptions, Surroundings } from '../commands/options.js'
import type { ExitCode } from '../errors.js'
import { renderChecks } from '../report/checks.js'
import { renderPlan } from '../report/plan.js'
import { renderSummary, summarizePlan } from '../report/plan-summary.js'
import { renderRecap } from '../report/recap.js'
import { approveWave, requireAnswers } from './approve-wave.js'
import { completionCommand } from './completion-command.js'
import { addExamples } from './examples.js'
import { changeFlags, commonOptions, conversionFlags, type Flags, fleetFlags, list } from './flags.js'
import { reportAfterRun, reportCommands } from './report-commands.js'
import { paceOf } from './rollout-flags.js'
import { type RunFlags, runFlags } from './run-flags.js'
import { statusCommand } from './status-command.js'
import { ask, interruptions, print, requireSomebody, tell } from './terminal.js'
import { version } from './version.js'
import { createWatcher, type Watcher } from './watch.js'

/** The command line; `finish` gets the exit code. Commands are loaded when they are called. */
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
    .action(async (flags: Flags) => {
      const { revert } = await import('../commands/revert.js')
      finish(await change(revert, flags))
    })

  command('apply', 'run a plan that convert or revert stored with --out')
    .argument('<file>', 'the stored plan')
    .option('--check', 'only show what of it would change; exit code 10 when anything would')
    .option('--diff', 'show every change of files and objects')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, flags: Partial<Flags>) => {
      const [{ apply }, { readPlanFile }] = await Promise.all([
        import('../commands/apply.js'),
        import('../commands/plan-file.js'),
      ])
      const { check = false, yes = false, json = false } = flags
      const stored = await readPlanFile(file, version())
      const { confirmWaves } = stored.options.pace
      if (!check) {
        requireSomebody(yes)
        requireAnswers(confirmWaves)
      }
      const watcher = createWatcher({ inventory: stored.options.inventory, confirmWaves })
      const result = await apply(stored, { check }, surroundings(flags, watcher))
      watcher.finish(result)
      print(json, result, renderChange(result, flags))
      finish(result.exitCode)
    })

  statusCommand(program, finish)

  conversionFlags(fleetFlags(command('preflight', 'check what a conversion needs; changes nothing'))).action(
    async (flags: Flags) => {
      const { preflight } = await import('../commands/preflight.js')
      const result = await preflight(commonOptions(flags), { signal: interruptions(), tell })
      print(flags.json === true, result, renderChecks(result.checks))
      finish(result.exitCode)
    },
  )

  reportCommands(program)

  command('unlock', "take the cluster's lock away from a run that is dead")
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('-y, --yes', 'do not ask')
    .action(async ({ inventory, yes = false }: Flags) => {
      const { unlock } = await import('../commands/unlock.js')
      const { broken } = await unlock(inventory, (held) =>
        ask(
          yes,
          `The lock is held by ${held.holder} since ${held.since}, last renewed ${held.renewed}. Break it?`,
        ),
      )
      tell(broken === undefined ? 'The cluster is not locked.' : `The lock of ${broken.holder} is broken.`)
    })
  completionCommand(program)
  addExamples(program)
  return program
}

async function change(
  command: (given: ChangeOptions, surroundings: Surroundings) => Promise<ChangeResult>,
  flags: Flags & RunFlags,
): Promise<ExitCode> {
  const { yes = false, json = false, confirmWaves = false, out } = flags
  const check = flags.check === true || out !== undefined
  if (!check) {
    requireSomebody(yes)
    requireAnswers(confirmWaves)
  }
  const given = {
    ...commonOptions(flags),
    check,
    pace: paceOf(flags),
    ...(out === undefined ? {} : { out: { file: out, yurtSsh: version() } }),
  }
  const watcher = createWatcher(flags)
  const result = await command(given, surroundings(flags, watcher))
  const recorded = watcher.finish(result)
  print(json, result, renderChange(result, flags))
  reportAfterRun(flags.report, recorded)
  return result.exitCode
}

function renderChange(
  result: ChangeResult,
  { diff = false, verbose = 0, out }: Partial<Flags> & { verbose?: number },
): string {
  const warnings = result.checks.filter(({ status }) => status === 'warning')
  const warned = warnings.length === 0 ? [] : [renderChecks(warnings)]
  if (result.run !== undefined)
    return [...warned, renderRecap(result.run, { verbose: verbose > 0 })].join('\n\n')
  const refused = result.checks.some(({ status }) => status === 'failed')
  if (refused) return `${renderChecks(result.checks)}\n\nRefused; nothing was touched.`
  return [
    ...warned,
    ...result.unsettled,
    ...(result.plan === undefined
      ? []
      : [renderPlan(result.plan, { diff, waves: result.outlook?.waves ?? [] })]),
    ...(result.plan === undefined || result.outlook === undefined
      ? []
      : ['', renderSummary(result.plan, result.outlook)]),
    ...(out === undefined ? [] : ['', storedText(out, result)]),
  ].join('\n')
}

/** A plan that is not there, or is empty, is not stored. */
function storedText(out: string, { outlook }: ChangeResult): string {
  return outlook === undefined ? 'No plan was stored.' : `Stored. To run it: yurt-ssh apply ${out}`
}

function surroundings({ diff = false, yes = false }: Partial<Flags>, { watch }: Watcher): Surroundings {
  return {
    signal: interruptions(),
    tell,
    approveRecovery(lines) {
      for (const line of lines) tell(line)
      return ask(yes, 'Go on?')
    },
    approve(plan, outlook) {
      tell(`${renderPlan(plan, { diff, waves: outlook.waves })}\n\n${renderSummary(plan, outlook)}\n`)
      return ask(yes, `This ${summarizePlan(plan)}. Go on?`)
    },
    approveWave,
    watch,
  }
}
