import { ExitCode } from '../errors.js'
import { planConvert } from '../plan/convert.js'
import { hasHub } from '../plan/fleet.js'
import type { Plan } from '../plan/types.js'
import { openSite, type Site } from './gather.js'
import type { CommonOptions, Surroundings } from './options.js'
import { describeUnsettled, findUnsettled } from './settle.js'

export interface HostStatusRow {
  host: string
  node: string
  role: string
  state: 'converted' | 'native' | 'control plane' | 'differs' | 'unreachable'
  ready: string
  /** What it would take to be converted, or why it could not be read. */
  differs: string[]
}

export interface StatusResult {
  exitCode: ExitCode
  hosts: HostStatusRow[]
  plan: Plan
  unsettled: string[]
}

/** What differs from converted, per host and for the cluster; changes nothing. */
export async function status(given: CommonOptions, { signal }: Surroundings): Promise<StatusResult> {
  const site = await openSite(given, signal)
  try {
    return await readStatus(site)
  } finally {
    site.close()
  }
}

async function readStatus(site: Site): Promise<StatusResult> {
  const { fleet, failures, facts } = await site.gather()
  const plan = planConvert(fleet, site.selected, site.options)
  const members = new Map(fleet.members.map((member) => [member.host.name, member]))
  const hosts = site.inventory.hosts
    .filter(({ name }) => site.selected.has(name))
    .map((host): HostStatusRow => {
      const member = members.get(host.name)
      const row = { host: host.name, node: host.node, role: host.role }
      if (member === undefined) {
        return {
          ...row,
          state: 'unreachable',
          ready: '-',
          differs: [failures.get(host.name)?.message ?? 'it is no node of the cluster'],
        }
      }
      const differs = differences(plan, host.name)
      const converted = hasHub(member.facts)
      const state =
        differs.length === 0 ? (converted ? 'converted' : 'control plane') : converted ? 'differs' : 'native'
      return { ...row, state, ready: member.node.ready, differs }
    })
  const unsettled = findUnsettled(facts).map(describeUnsettled)
  const pending = plan.phases.length > 0 || unsettled.length > 0
  const unreachable = hosts.some(({ state }) => state === 'unreachable')
  return {
    exitCode: unreachable ? ExitCode.hostsUnreachable : pending ? ExitCode.changesPending : ExitCode.done,
    hosts,
    plan,
    unsettled,
  }
}

function differences(plan: Plan, host: string): string[] {
  return plan.phases.flatMap((phase) =>
    phase.kind === 'hosts'
      ? phase.work
          .filter((work) => work.host === host)
          .flatMap((work) => [...(work.transaction?.steps ?? []), ...work.after].map(({ reason }) => reason))
      : [],
  )
}
