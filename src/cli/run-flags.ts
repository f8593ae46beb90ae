import { type Command, Option } from 'commander'
import type { Verbosity } from '../report/event-line.js'

/** What a run shows and leaves. */
export interface RunFlags {
  quiet?: boolean
  verbose?: number
  runDir?: string
  report?: string
}

/** Flags of the commands that run a plan. Of --quiet and --verbose the last one counts, and each against a default. */
export function runFlags(command: Command): Command {
  const counted = new Option(
    '-v, --verbose',
    "a line per event with its reason; -vv with the hosts' own output",
  ).argParser((_value, previous: number | undefined) => (previous ?? 0) + 1)
  return runDirFlag(command)
    .option('--report <file>', 'write an HTML report of the run')
    .option('-q, --quiet', 'show no progress, only failures')
    .addOption(counted)
    .on('option:quiet', () => command.setOptionValue('verbose', 0))
    .on('option:verbose', () => command.setOptionValue('quiet', false))
}

export function runDirFlag(command: Command): Command {
  return command.option('--run-dir <dir>', 'folder of the records of runs (default: in ~/.local/state)')
}

export function verbosityOf({ quiet = false, verbose = 0 }: RunFlags): Verbosity {
  if (quiet) return -1
  return verbose > 1 ? 2 : verbose === 1 ? 1 : 0
}
