import { ExitCode } from '../errors.js'
import { planConvert } from '../plan/convert.js'
import { type HostStatus, hostStatuses } from '../plan/status.js'
import type { Plan } from '../plan/types.js'
import { conversionAsks } from './convert.js'
import { gather } from './gather.js'
import type { CommonOptions, Listener } from './options.js'
import { describeUnsettled, findUnsettled } from './settle.js'
import { openSite, type Site } from './site.js'

export interface StatusResult {
  exitCode: ExitCode
  hosts: HostStatus[]
  /** What it would take to convert the rest; no phase when nothing differs. */
  plan: Plan
  /** Lines on what dead runs left. */
  unsettled: string[]
}

/** What differs from converted, per host and for the cluster; changes nothing. */
export async function status(given: CommonOptions, listener: Listener): Promise<StatusResult> {
  const { signal, tell } = listener
  const site = await openSite(given, listener)
  site.warnings.forEach(tell)
  try {
    return await readStatus(site, signal)
  } finally {
    site.close()
  }
}

async function readStatus(site: Site, signal: AbortSignal): Promise<StatusResult> {
  const { fleet, failures, facts } = await gather(site, { ...conversionAsks, plannable: 'convert' }, signal)
  const plan = planConvert(fleet, site.selected, site.options)
  const selected = site.inventory.hosts.filter(({ name }) => site.selected.has(name))
  const hosts = hostStatuses(selected, fleet, plan, failures, site.options)
  const unsettled = findUnsettled(facts).map(describeUnsettled)
  return { exitCode: exitCodeOf(hosts, plan, unsettled), hosts, plan, unsettled }
}

function exitCodeOf(hosts: readonly HostStatus[], plan: Plan, unsettled: readonly string[]): ExitCode {
  if (hosts.some(({ state }) => state === 'unreachable')) return ExitCode.hostsUnreachable
  const differs = hosts.some(({ state }) => state === 'differs' || state === 'foreign')
  return differs || plan.phases.length > 0 || unsettled.length > 0 ? ExitCode.changesPending : ExitCode.done
}
