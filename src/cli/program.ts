import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { ChangeResult } from '../commands/change.js'
import type { CommonOptions, Surroundings } from '../commands/options.js'
import type { ExitCode } from '../errors.js'
import { renderChecks } from '../report/checks.js'
import { renderPlan, summarizePlan } from '../report/plan.js'
import { createProgress } from '../report/progress.js'
import { renderRecap } from '../report/recap.js'
import { renderStatus } from '../report/status.js'
import {
  changeFlags,
  commonOptions,
  conversionFlags,
  type Flags,
  fleetFlags,
  inventoryFlags,
  list,
} from './flags.js'
import { inventoryCommands } from './inventory.js'
import { ask, askSecret, interruptions, print, requireSomebody, tell } from './terminal.js'

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

  changeFlags(
    conversionFlags(fleetFlags(command('convert', 'convert hosts and cluster to OpenYurt'))),
  ).action(async (flags: Flags) => {
    const { convert } = await import('../commands/convert.js')
    finish(await change(convert, flags))
  })

  changeFlags(fleetFlags(command('revert', 'take OpenYurt out again, byte for byte')))
    .addOption(list('--leave-behind <names>', 'go on although these hosts stay converted'))
    .action(async (flags: Flags) => {
      const { revert } = await import('../commands/revert.js')
      finish(await change(revert, flags))
    })

  conversionFlags(fleetFlags(command('status', 'show what differs from converted; changes nothing'))).action(
    async (flags: Flags) => {
      const { status } = await import('../commands/status.js')
      const result = await status(commonOptions(flags), { signal: interruptions(), tell, askSecret })
      print(flags.json === true, result, renderStatus(result.hosts, result.plan, result.unsettled))
      finish(result.exitCode)
    },
  )

  conversionFlags(fleetFlags(command('preflight', 'check what a conversion needs; changes nothing'))).action(
    async (flags: Flags) => {
      const { preflight } = await import('../commands/preflight.js')
      const result = await preflight(commonOptions(flags), { signal: interruptions(), tell, askSecret })
      print(flags.json === true, result, renderChecks(result.checks))
      finish(result.exitCode)
    },
  )

  inventoryFlags(command('unlock', "take the cluster's lock away from a run that is dead"))
    .option('-y, --yes', 'do not ask')
    .action(async ({ yes = false, ...given }: Flags) => {
      const { unlock } = await import('../commands/unlock.js')
      const { broken } = await unlock(given, (held) =>
        ask(
          yes,
          `The lock is held by ${held.holder} since ${held.since}, last renewed ${held.renewed}. Break it?`,
        ),
      )
      tell(broken === undefined ? 'The cluster is not locked.' : `The lock of ${broken.holder} is broken.`)
    })
  inventoryCommands(program, finish)
  return program
}

async function change(
  command: (given: CommonOptions, surroundings: Surroundings) => Promise<ChangeResult>,
  flags: Flags,
): Promise<ExitCode> {
  const { check = false, yes = false, json = false } = flags
  if (!check) requireSomebody(yes)
  const result = await command(commonOptions(flags), surroundings(flags))
  print(json, result, renderChange(result, flags))
  return result.exitCode
}

function renderChange(result: ChangeResult, { diff = false }: Flags): string {
  const warnings = result.checks.filter(({ status }) => status === 'warning')
  const warned = warnings.length === 0 ? [] : [renderChecks(warnings)]
  if (result.run !== undefined) return [...warned, renderRecap(result.run)].join('\n\n')
  const refused = result.checks.some(({ status }) => status === 'failed')
  if (refused) return `${renderChecks(result.checks)}\n\nRefused; nothing was touched.`
  return [
    ...warned,
    ...result.unsettled,
    ...(result.plan === undefined ? [] : [renderPlan(result.plan, { diff })]),
  ].join('\n')
}

function surroundings({ diff = false, yes = false }: Flags): Surroundings {
  return {
    signal: interruptions(),
    tell,
    askSecret,
    approveRecovery(lines) {
      for (const line of lines) tell(line)
      return ask(yes, 'Go on?')
    },
    approve(plan) {
      tell(`${renderPlan(plan, { diff })}\n`)
      return ask(yes, `This ${summarizePlan(plan)}. Go on?`)
    },
    watch: (plan) => createProgress(plan, process.stderr),
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
