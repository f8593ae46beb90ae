import { existsSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../errors/file.js'
import { recordFiles } from './record-format.js'

/** Runs that stay in the default folder; the oldest beyond it go when a new one begins. */
const keptRuns = 50

/** Where records are kept without --run-dir: `$XDG_STATE_HOME/yurt-ssh/runs`, ~/.local/state by default. */
export function defaultRunsFolder(env: NodeJS.ProcessEnv): string {
  const given = env.XDG_STATE_HOME
  // The specification of base directories wants relative paths ignored.
  const state = given?.startsWith('/') ? given : join(env.HOME || homedir(), '.local', 'state')
  return join(state, 'yurt-ssh', 'runs')
}

/**
 * Ids of the runs in a folder, the newest first; none where the folder is not there.
 * @throws YurtSshError USAGE_RUN where it cannot be read
 */
export function runIds(runs: string): string[] {
  if (!existsSync(runs)) return []
  return namesIn(runs)
    .filter((name) => existsSync(join(runs, name, recordFiles.header)))
    .sort()
    .reverse()
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw fileError('USAGE_RUN', `the folder of runs ${folder}`, 'read', cause)
  }
}

/** Removes the oldest runs so that a new one makes at most `kept`. Nothing but folders with a run's header is touched. */
export function pruneRuns(runs: string, kept = keptRuns): void {
  for (const id of runIds(runs).slice(Math.max(0, kept - 1)))
    rmSync(join(runs, id), { recursive: true, force: true })
}
