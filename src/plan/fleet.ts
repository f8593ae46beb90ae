import type { ClusterFacts, NodeInfo } from '../cluster/types.js'
import type { Host } from '../inventory/types.js'
import type { HostFacts } from '../node/types.js'
import { runsControllerManager } from './controller-manager.js'
import type { HostWork } from './types.js'

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
}

const nothing: Belongings = { podNames: new Map(), customObjects: [] }

export interface Fleet {
  cluster: ClusterFacts
  /** Hosts that were reached and whose node exists, in the inventory's order. */
  members: FleetMember[]
  belongings: Belongings
  /** Nodes of all hosts of role cloud, reached or not. */
  cloudNodes: NodeInfo[]
  /** Hosts that were not reached, or not understood. */
  unreachable: Host[]
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
  return {
    cluster,
    belongings,
    cloudNodes: hosts.filter(({ role }) => role === 'cloud').flatMap(({ node }) => nodes.get(node) ?? []),
    unreachable: wanted.filter((host) => !facts.has(host.name)),
    members: wanted.flatMap((host) => {
      const found = facts.get(host.name)
      const node = nodes.get(host.node)
      if (found === undefined || node === undefined) return []
      return [{ host, facts: found, node, controlPlane: node.controlPlane || runsControllerManager(found) }]
    }),
  }
}

/** A control-plane host gets a hub only when its entry says so: a fault of the hub there hurts the whole cluster. */
export function getsHub(member: FleetMember): boolean {
  return !member.controlPlane || member.host.hub
}

/** Whether anything of a hub, or of the way to it, stands on the host. */
export function hasHub(facts: HostFacts): boolean {
  return facts.files.hubManifest.state === 'file' || facts.files.ourKubeconfig.state === 'file'
}

/** A host's part of a phase, still empty. */
export function workOf({ host, node }: FleetMember): HostWork {
  return { host: host.name, node: node.name, after: [], forget: false, notes: [] }
}
