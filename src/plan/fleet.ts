import type { ClusterFacts, NodeInfo } from '../cluster/types.js'
import type { Host } from '../inventory/types.js'
import { nodeNameOverride } from '../node/kubelet-settings.js'
import { kubeletArguments } from '../node/kubelet-unit.js'
import type { HostFacts } from '../node/types.js'
import type { Release } from '../releases/types.js'
import { runsControllerManager } from './controller-manager.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { Confirmation, HostTransaction, HostWork } from './types.js'

/** A host of the inventory with what was found on it and of it. */
export interface FleetMember {
  host: Host
  facts: HostFacts
  node: NodeInfo
  controlPlane: boolean
}

/** What users have in the cluster that a revert would take something from. */
export interface Belongings {
  /** `namespace/name` of pods by UID. */
  podNames: ReadonlyMap<string, string>
  /** Objects of OpenYurt's own kinds, as `Kind name`. */
  customObjects: readonly string[]
  /** Ids of bootstrap tokens without an expiry, where a revert adopts. */
  lastingTokens: readonly string[]
  /** Pods of components that have no object left, by label selector: whether all of them are ending. */
  lonePods: ReadonlyMap<string, 'ending' | 'running'>
}

const nothing: Belongings = { podNames: new Map(), customObjects: [], lastingTokens: [], lonePods: new Map() }

/** A host that was read, but whose node the cluster does not have. */
export interface Stray {
  host: Host
  facts: HostFacts
}

export interface Fleet {
  cluster: ClusterFacts
  /** Hosts that were reached and whose node exists, in the inventory's order. */
  members: FleetMember[]
  belongings: Belongings
  /** Nodes of all hosts of role cloud, reached or not. */
  cloudNodes: NodeInfo[]
  /** Hosts that were not reached, or not understood. */
  unreachable: Host[]
  /** Hosts that were read, but whose node the cluster does not have: with a wrong `node`, or deleted. */
  strays: Stray[]
  /** Nodes that no host of the inventory is. */
  unlisted: NodeInfo[]
}

/**
 * Joins inventory, host facts (by inventory name) and cluster facts. Members are those of `wanted` that have facts and
 * a node.
 */
export function assembleFleet(
  hosts: readonly Host[],
  wanted: readonly Host[],
  facts: ReadonlyMap<string, HostFacts>,
  cluster: ClusterFacts,
  belongings: Belongings = nothing,
): Fleet {
  const nodes = new Map(cluster.nodes.map((node) => [node.name, node]))
  const listed = new Set(hosts.map(({ node }) => node))
  const withoutOwnPods = (found: HostFacts): HostFacts => ({
    ...found,
    pods: found.pods.filter(({ uid }) => !isOwnPod(belongings.podNames.get(uid))),
  })
  return {
    cluster,
    belongings,
    cloudNodes: hosts.filter(({ role }) => role === 'cloud').flatMap(({ node }) => nodes.get(node) ?? []),
    strays: wanted.flatMap((host) => {
      const found = facts.get(host.name)
      return found === undefined || nodes.has(host.node) ? [] : [{ host, facts: withoutOwnPods(found) }]
    }),
    unlisted: cluster.nodes.filter(({ name }) => !listed.has(name)),
    unreachable: wanted.filter((host) => !facts.has(host.name)),
    members: wanted.flatMap((host) => {
      const found = facts.get(host.name)
      const node = nodes.get(host.node)
      if (found === undefined || node === undefined) return []
      const controlPlane = node.controlPlane || runsControllerManager(found)
      return [{ host, facts: withoutOwnPods(found), node, controlPlane }]
    }),
  }
}

/** OpenYurt's own components are never restarted with other pods: one of them owns the node lifecycle. */
function isOwnPod(name: string | undefined): boolean {
  return name?.startsWith('kube-system/yurt-') ?? false
}

/** A control-plane host gets a hub only when its entry says so: a fault of the hub there hurts the whole cluster. */
export function getsHub(member: FleetMember): boolean {
  return !member.controlPlane || member.host.hub
}

/** Whether anything of a hub, or of the way to it, stands on the host. */
export function hasHub(facts: HostFacts, release: Release): boolean {
  return flavourOf(release).definition(facts).state === 'file' || facts.files.ourKubeconfig.state === 'file'
}

/** What the API must show of a host's Node: a restarted kubelet posts a heartbeat of its own. */
export function nodeReady(
  { node }: FleetMember,
  { steps }: HostTransaction,
): Confirmation & { kind: 'node-ready' } {
  const time = Date.parse(node.heartbeat)
  const restarts = steps.some(({ kind }) => kind === 'restart-kubelet')
  if (!restarts || Number.isNaN(time)) return { kind: 'node-ready' }
  // heartbeats are whole seconds: another one is later by one at the least
  return { kind: 'node-ready', after: `${new Date(time + 1000).toISOString().slice(0, 19)}Z` }
}

/** The name under which the host's kubelet registers its Node. */
export function kubeletNodeName(facts: HostFacts): string {
  return nodeNameOverride(kubeletArguments(facts)) ?? facts.hostname.toLowerCase()
}

/** Whether the cluster has lost this host's Node, rather than knowing it by another name than the inventory. */
export function isNodeGone({ host, facts }: Stray): boolean {
  return kubeletNodeName(facts) === host.node
}

/** A host's part of a phase, still empty. */
export function workOf({ host }: Pick<FleetMember, 'host'>): HostWork {
  return { host: host.name, node: host.node, after: [], forget: false, notes: [] }
}
