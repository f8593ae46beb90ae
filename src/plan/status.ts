import { YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import { describeHostStep, describeKey, isVisible } from './describe.js'
import { drift } from './drift.js'
import { type Fleet, type FleetMember, hasHub } from './fleet.js'
import { type Foreign, foreignConversion } from './foreign.js'
import { hubManifestMatches } from './host-convert.js'
import type { PlanOptions } from './options.js'
import type { Plan } from './types.js'

export interface HostStatus {
  host: string
  node: string
  role: string
  state: 'converted' | 'native' | 'control plane' | 'differs' | 'foreign' | 'unreachable'
  /** The Ready condition: True, False or Unknown; - when the node is not known. */
  ready: string
  /** What it lacks to be converted, or why it could not be read. */
  differs: string[]
  /** The error's, of a host that could not be read. */
  code?: string
}

/** Where each host stands, by the plan that would convert it; `failures` says why hosts could not be read. */
export function hostStatuses(
  hosts: readonly Host[],
  fleet: Fleet,
  plan: Plan,
  failures: ReadonlyMap<string, Error>,
  options: PlanOptions,
): HostStatus[] {
  const members = new Map(fleet.members.map((member) => [member.host.name, member]))
  return hosts.map((host) => {
    const row = { host: host.name, node: host.node, role: host.role }
    const member = members.get(host.name)
    if (member === undefined) {
      const failure = failures.get(host.name)
      const why = failure?.message ?? 'it is no node of the cluster'
      const code = failure instanceof YurtSshError ? { code: failure.code } : {}
      return { ...row, state: 'unreachable', ready: '-', differs: [why], ...code }
    }
    const foreign = foreignConversion(member.facts, options.release)
    if (foreign !== undefined)
      return { ...row, state: 'foreign', ready: member.node.ready, differs: [foreignText(foreign, options)] }
    const drifted = drift(member.facts, options.release)
    const differs = [...drifted, ...lacks(plan, host.name), ...hubFaults(member, options)]
    return {
      ...row,
      state: stateOf(hasHub(member.facts) || drifted.length > 0, differs),
      ready: member.node.ready,
      differs,
    }
  })
}

/** Hosts that refused a password: trying it again would be one more wrong attempt, and accounts lock after some. */
export function refusedPassword(hosts: readonly HostStatus[]): string[] {
  return hosts.filter(({ code }) => code === 'SSH_PASSWORD' || code === 'HOST_SUDO').map(({ host }) => host)
}

function foreignText({ by, adoptable }: Foreign, { release }: PlanOptions): string {
  if (by === 'yurtctl join')
    return `joined by yurtctl (${release.hub.joinedManifest}): it has no earlier state to go back to`
  return adoptable
    ? `converted by ${by}: revert --adopt takes that out`
    : `converted by ${by}: revert it with the tool that did it`
}

/** What is wrong with a hub that is there; what is not there is the plan's business. */
function hubFaults({ host, facts }: FleetMember, options: PlanOptions): string[] {
  if (facts.files.hubManifest.state !== 'file') return []
  const answers = facts.hubHealth === '200' && facts.hubServes === '200'
  const served = facts.hubServes === '' ? 'not asked' : facts.hubServes
  return [
    ...(answers
      ? []
      : [`its hub is not well: health ${facts.hubHealth}, its Node through it ${served} (000: no answer)`]),
    ...(hubManifestMatches(host, facts, options)
      ? []
      : ['its hub was set up with other settings than those of now']),
  ]
}

function stateOf(converted: boolean, differs: readonly string[]): HostStatus['state'] {
  if (differs.length === 0) return converted ? 'converted' : 'control plane'
  return converted ? 'differs' : 'native'
}

function lacks(plan: Plan, host: string): string[] {
  return plan.phases.flatMap((phase) => {
    if (phase.kind !== 'hosts') return []
    const works = phase.work.filter((work) => work.host === host)
    return works.flatMap((work) =>
      [
        ...(work.transaction?.steps ?? []).filter(isVisible).map(describeHostStep),
        ...work.after.map(describeKey),
      ].map((what) => `left to do: ${what}`),
    )
  })
}
