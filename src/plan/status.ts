import { YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import { describeHostStep, describeKey, isVisible } from './describe.js'
import { drift } from './drift.js'
import { type Fleet, type FleetMember, hasHub, isNodeGone, kubeletNodeName, type Stray } from './fleet.js'
import { type Foreign, foreignConversion } from './foreign.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'
import type { Plan } from './types.js'

export interface HostStatus {
  host: string
  node: string
  role: string
  /**
   * `no node`: read, but the cluster has no such node; `offline`: converted, the hub well, its link to the API server down.
   */
  state:
    | 'converted'
    | 'native'
    | 'control plane'
    | 'differs'
    | 'foreign'
    | 'no node'
    | 'offline'
    | 'unreachable'
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
      const stray = fleet.strays.find((candidate) => candidate.host.name === host.name)
      if (stray !== undefined)
        return { ...row, state: 'no node', ready: '-', differs: [strayText(stray, options)] }
      const failure = failures.get(host.name)
      const why = failure?.message ?? 'it was not read'
      const code = failure instanceof YurtSshError ? { code: failure.code } : {}
      return { ...row, state: 'unreachable', ready: '-', differs: [why], ...code }
    }
    const foreign = foreignConversion(member.facts, options.release)
    if (foreign !== undefined)
      return { ...row, state: 'foreign', ready: member.node.ready, differs: [foreignText(foreign, options)] }
    const drifted = drift(member.facts, options.release)
    const differs = [...drifted, ...lacks(plan, host.name), ...hubFaults(member, options)]
    const offline = linkDown(member)
    return {
      ...row,
      state:
        offline.length > 0 && differs.length === 0
          ? 'offline'
          : stateOf(hasHub(member.facts, options.release) || drifted.length > 0, differs),
      ready: member.node.ready,
      differs: [...offline, ...differs],
    }
  })
}

/** What a host is that the cluster has no node for, and the way out. */
function strayText(stray: Stray, { release }: PlanOptions): string {
  const { host, facts } = stray
  const back = hasHub(facts, release)
    ? `; \`revert --limit ${host.name}\` takes it off its hub all the same`
    : ''
  const what = `${hasHub(facts, release) ? 'converted' : 'not converted'}, and node ${host.node} is not in the cluster`
  return isNodeGone(stray)
    ? `${what}: its kubelet registers it when it is restarted${back}`
    : `${what}: its kubelet calls itself ${kubeletNodeName(facts)}`
}

/** A hub that is well and reaches no API server, as the host itself does not: the link is down, which is no fault of either. */
function linkDown({ host, facts }: FleetMember): string[] {
  const servers = Object.entries(facts.api)
  const cut = servers.length > 0 && servers.every(([, status]) => status === '000')
  if (!cut || facts.hubHealth !== '200' || facts.hubServes === '200') return []
  const names = servers.map(([server]) => server).join(', ')
  const lives = host.role === 'edge' ? "; the node lives from its hub's cache" : ''
  return [`its link is down: no answer from ${names}${lives}`]
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
function hubFaults(member: FleetMember, options: PlanOptions): string[] {
  const { host, facts } = member
  const flavour = flavourOf(options.release)
  if (flavour.definition(facts).state !== 'file') return []
  const answers = (facts.hubHealth === '200' && facts.hubServes === '200') || linkDown(member).length > 0
  const served = facts.hubServes === '' ? 'not asked' : facts.hubServes
  return [
    ...(answers
      ? []
      : [`its hub is not well: health ${facts.hubHealth}, its Node through it ${served} (000: no answer)`]),
    ...(flavour.matches(host, facts, options)
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
