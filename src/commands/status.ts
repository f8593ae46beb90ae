import { readLock } from '../cluster/lock.js'
import { ExitCode, messageOf } from '../errors.js'
import { planConvert } from '../plan/convert.js'
import { type HalfReverted, halfReverted } from '../plan/half-done.js'
import { type HostStatus, hostStatuses } from '../plan/status.js'
import type { Plan } from '../plan/types.js'
import type { HeldLock } from '../report/lock.js'
import { listRuns, type RunSummary } from '../report/record-reader.js'
import { conversionAsks } from './convert.js'
import { type DeadRun, deadRuns, heldLock, runOf } from './dead-runs.js'
import { gather } from './gather.js'
import type { CommonOptions, Listener } from './options.js'
import { describeToken, describeUnsettled, findUnsettled } from './settle.js'
import { openSite, type Site } from './site.js'

export interface StatusResult {
  exitCode: ExitCode
  hosts: HostStatus[]
  /** What it would take to convert the rest; no phase when nothing differs. */
  plan: Plan
  /** Who holds the cluster's lock; null where nobody does. */
  lock: HeldLock | null
  /** Runs of this machine that died since one last came to its end. */
  deadRuns: DeadRun[]
  /** A revert that began and has not come to its end; null where there is none. */
  halfReverted: HalfReverted | null
  /** Lines on what dead runs left, as `recover` would settle it. */
  unsettled: string[]
}

/** What differs from converted, per host and for the cluster, and what runs left; `runs` is the folder of their records. */
export async function status(given: CommonOptions, runs: string, listener: Listener): Promise<StatusResult> {
  const { signal, tell } = listener
  const recorded = recordedRuns(runs, tell)
  const site = await openSite(given, listener)
  site.warnings.forEach(tell)
  try {
    return await readStatus(site, recorded, signal)
  } finally {
    site.close()
  }
}

async function readStatus(
  site: Site,
  runs: readonly RunSummary[],
  signal: AbortSignal,
): Promise<StatusResult> {
  const { fleet, failures, facts } = await gather(site, { ...conversionAsks, plannable: 'convert' }, signal)
  const plan = planConvert(fleet, site.selected, site.options)
  const selected = site.inventory.hosts.filter(({ name }) => site.selected.has(name))
  const hosts = hostStatuses(selected, fleet, plan, failures, site.options)
  const lock = heldLock(await readLock(site.cluster, { signal }))
  const dead = deadRuns(runs, site.cluster.server)
  const atWork = runAtWork(lock, dead)
  const unsettled = [
    ...findUnsettled(facts).map(describeUnsettled),
    ...fleet.cluster.runTokens.filter(({ run }) => run !== atWork).map(describeToken),
  ]
  const half =
    atWork === undefined
      ? halfReverted(fleet, lastRevert(runs, site.cluster.server), site.options)
      : undefined
  return {
    exitCode: exitCodeOf(hosts, plan, unsettled),
    hosts,
    plan,
    lock,
    deadRuns: dead,
    halfReverted: half ?? null,
    unsettled,
  }
}

/** What the newest run of this machine on that API server was, where it was a revert. */
function lastRevert(runs: readonly RunSummary[], server: string): 'unfinished' | 'done' | undefined {
  const last = runs.find((run) => run.server === server)
  if (last?.verb !== 'revert') return undefined
  return last.outcome === 'done' ? 'done' : 'unfinished'
}

/** A folder that cannot be read is no reason to show nothing of the hosts. */
function recordedRuns(runs: string, tell: Listener['tell']): RunSummary[] {
  try {
    return listRuns(runs)
  } catch (error) {
    tell(`which runs of this machine died is not known: ${messageOf(error)}`)
    return []
  }
}

/** The run that holds the lock, unless its client is known to be dead. */
function runAtWork(lock: HeldLock | null, dead: readonly DeadRun[]): string | undefined {
  if (lock === null || Date.parse(lock.expires) < Date.now()) return undefined
  const id = runOf(lock)
  return dead.some((run) => run.id === id) ? undefined : id
}

function exitCodeOf(hosts: readonly HostStatus[], plan: Plan, unsettled: readonly string[]): ExitCode {
  if (hosts.some(({ state }) => state === 'unreachable')) return ExitCode.hostsUnreachable
  const differs = hosts.some(({ state }) => ['differs', 'foreign', 'no node'].includes(state))
  return differs || plan.phases.length > 0 || unsettled.length > 0 ? ExitCode.changesPending : ExitCode.done
}
