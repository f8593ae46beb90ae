import { hostname, release, type, userInfo } from 'node:os'
import type { ChangeResult } from '../commands/change.js'
import type { RunIdentity, Surroundings } from '../commands/options.js'
import type { Plan } from '../plan/types.js'
import { processIdentity } from '../report/process-identity.js'
import { createProgress } from '../report/progress.js'
import { createRecorder, type Recorder } from '../report/record.js'
import {
  type RecordedHost,
  type RunEnvironment,
  type RunHeader,
  recordFormat,
} from '../report/record-format.js'
import { failedHosts } from '../report/record-reader.js'
import { pruneRuns } from '../report/runs.js'
import { type RunFlags, verbosityOf } from './run-flags.js'
import { runsFolder } from './runs-folder.js'
import { tell, tellThrough } from './terminal.js'
import { version } from './version.js'

export interface Watcher {
  watch: Surroundings['watch']
  /** Writes how the run ended into its record; undefined where it came to no run. */
  finish: (result: ChangeResult) => Recorded | undefined
}

/** A run's record. */
export interface Recorded {
  /** The folder of records, and the run's own name in it. */
  runs: string
  id: string
  /** How long its work took. */
  seconds: number
}

/** Draws a run's progress and keeps its record. */
export function createWatcher(
  flags: RunFlags & { inventory: readonly string[]; confirmWaves?: boolean },
): Watcher {
  const runs = runsFolder(flags)
  let recorder: Recorder | undefined
  let began = 0
  return {
    watch(plan, identity) {
      const progress = createProgress(process.stderr, verbosityOf(flags), {
        // a drawing cannot share the terminal with a question
        draw: flags.confirmWaves !== true,
      })
      tellThrough(progress.tell)
      if (flags.runDir === undefined) prune(runs)
      began = Date.now()
      const header = headerOf(plan, identity, flags.inventory.join(', '))
      const record = createRecorder(runs, header, plan, tell)
      recorder = record
      return {
        emit(event) {
          record.emit(event)
          progress.emit(event)
        },
        async done() {
          await progress.done()
          tellThrough(undefined)
        },
      }
    },
    finish(result) {
      if (recorder === undefined || result.run === undefined) return undefined
      const { runId: id, exitCode, checks, run, outlook } = result
      recorder.finish(
        {
          format: recordFormat,
          id,
          ended: new Date().toISOString(),
          exitCode,
          warnings: checks.filter(({ status }) => status === 'warning'),
          ...run,
        },
        failedHosts(run.hosts, outlook?.leftOut),
      )
      return { runs, id, seconds: (Date.now() - began) / 1000 }
    },
  }
}

/** A folder that cannot be tidied up is no reason not to run. */
function prune(runs: string): void {
  try {
    pruneRuns(runs)
  } catch {
    // the recorder tells what is wrong with the folder
  }
}

function headerOf(plan: Plan, identity: RunIdentity, inventory: string): RunHeader {
  const touched = new Set(
    plan.phases.flatMap((phase) => (phase.kind === 'hosts' ? phase.work.map(({ host }) => host) : [])),
  )
  const hosts = identity.hosts
    .filter(({ name }) => touched.has(name))
    .map(({ name, node, role, groups }): RecordedHost => ({ name, node, role, groups }))
  return {
    format: recordFormat,
    id: identity.id,
    verb: plan.verb,
    release: plan.release,
    began: new Date().toISOString(),
    server: identity.server,
    hosts,
    leftOut: identity.leftOut.filter(({ host }) => !touched.has(host)),
    environment: environment(inventory),
  }
}

function environment(inventory: string): RunEnvironment {
  const identity = processIdentity(process.pid)
  return {
    yurtSsh: version(),
    node: process.version,
    system: `${type()} ${release()}`,
    machine: hostname(),
    user: user(),
    folder: process.cwd(),
    inventory,
    command: process.argv.slice(2),
    pid: process.pid,
    ...(identity === undefined ? {} : { process: identity }),
  }
}

function user(): string {
  try {
    return userInfo().username
  } catch {
    // a container's user often has no entry in its passwd file
    return process.env.USER || String(process.getuid?.())
  }
}
