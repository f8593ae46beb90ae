import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ChangeResult } from '../commands/change.js'
import type { Surroundings } from '../commands/options.js'
import type { ExitCode } from '../errors.js'
import { goOnLines, renderChecks } from '../report/checks.js'
import { closingLines } from '../report/closing.js'
import { noteLines, renderPlan } from '../report/plan.js'
import { renderSummary, summarizePlan } from '../report/plan-summary.js'
import { renderRecap } from '../report/recap.js'
import { recordFiles } from '../report/record-format.js'
import { approveWave, requireAnswers } from './approve-wave.js'
import type { Flags } from './flags.js'
import { createReadingLine } from './reading-line.js'
import type { RunFlags } from './run-flags.js'
import { runsFolder } from './runs-folder.js'
import { ask, askAbout, askSecret, columns, interruptions, print, requireSomebody, tell } from './terminal.js'
import { createWatcher, type Recorded, type Watcher } from './watch.js'
import { reportAfterRun, requirePlaceFor } from './write-reports.js'

/** What a change's operator wants to see and to be asked. */
export type CarryOutFlags = RunFlags &
  Pick<Flags, 'inventory' | 'check' | 'diff' | 'yes' | 'json' | 'confirmWaves' | 'out'>

/** Runs a change with its operator at the terminal, its record and its report; prints and returns what it came to. */
export async function carryOut(
  change: (surroundings: Surroundings) => Promise<ChangeResult>,
  flags: CarryOutFlags,
): Promise<ExitCode> {
  const { check = false, yes = false, json = false, confirmWaves = false } = flags
  if (flags.report !== undefined) requirePlaceFor(flags.report)
  if (!check) {
    requireSomebody(yes)
    requireAnswers(confirmWaves)
  }
  const watcher = createWatcher(flags)
  const result = await change(surroundings(flags, watcher))
  const recorded = watcher.finish(result)
  const reported = reportAfterRun(flags.report, recorded)
  const closing = recorded === undefined ? [] : closingOf(result, flags, recorded, reported)
  await print(json, result, [renderChange(result, flags), ...closing].join('\n'))
  return result.exitCode
}

function closingOf(
  { verb, run, outlook }: ChangeResult,
  { inventory, report }: CarryOutFlags,
  { runs, id, seconds }: Recorded,
  reported: boolean,
): string[] {
  if (run === undefined) return []
  const record = join(runs, id)
  const failedHosts = join(record, recordFiles.failedHosts)
  const lines = closingLines({
    verb,
    run,
    leftOut: outlook?.leftOut ?? [],
    seconds,
    command: process.argv.slice(2),
    inventory,
    ...(existsSync(record) ? { record } : {}),
    ...(reported && report !== undefined ? { report } : {}),
    ...(existsSync(failedHosts) ? { failedHosts } : {}),
  })
  return ['', ...lines]
}

function renderChange(result: ChangeResult, { diff = false, verbose = 0, out }: CarryOutFlags): string {
  const warnings = result.checks.filter(({ status }) => status === 'warning')
  const warned = warnings.length === 0 ? [] : [renderChecks(warnings, columns())]
  if (result.run !== undefined) {
    const notes = result.plan === undefined ? [] : noteLines(result.plan)
    const recap = [renderRecap(result.run, { verbose: verbose > 0 }), ...notes].join('\n')
    return [...warned, recap].join('\n\n')
  }
  const refused = result.checks.some(({ status }) => status === 'failed')
  if (refused)
    return [
      renderChecks(result.checks, columns()),
      '',
      'Refused; nothing was touched.',
      ...goOnLines(result.goOn),
    ].join('\n')
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

function surroundings(
  { diff = false, yes = false, quiet = false, ...flags }: CarryOutFlags,
  { watch }: Watcher,
): Surroundings {
  return {
    signal: interruptions(),
    tell,
    runs: runsFolder(flags),
    approveRecovery: (lines) => askAbout(yes, lines),
    approve(plan, outlook) {
      // nobody is asked about it
      if (yes && quiet) return Promise.resolve(true)
      tell(`${renderPlan(plan, { diff, waves: outlook.waves })}\n\n${renderSummary(plan, outlook)}\n`)
      return ask(yes, `This ${summarizePlan(plan)}. Go on?`)
    },
    approveWave,
    askSecret,
    ...(quiet ? {} : { reading: createReadingLine() }),
    watch,
  }
}
