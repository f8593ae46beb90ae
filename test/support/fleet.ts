import type { ClusterFacts, NodeInfo } from '../../src/cluster/types.js'
import type { Host } from '../../src/inventory/types.js'
import type { HostFacts } from '../../src/node/types.js'
import { wantedComponents } from '../../src/plan/convert.js'
import { assembleFleet, type Belongings, type Fleet } from '../../src/plan/fleet.js'
import type { PlanOptions } from '../../src/plan/options.js'
import {
  clusterOf,
  convertedFacts,
  hostNamed,
  liveObjects,
  masterFacts,
  nativeFacts,
  nodeNamed,
  options,
  release,
  switchedMasterFacts,
} from './facts.js'

/** A cluster with its inventory; what changes from test to test is changed in it. */
export interface Site {
  hosts: Host[]
  nodes: NodeInfo[]
  facts: Map<string, HostFacts>
  cluster: Partial<ClusterFacts>
  belongings?: Belongings
}

const masters = ['cp-1', 'cp-2']
const cloud = [...masters, 'cloud-1']
const edge = ['edge-1', 'edge-2']

/** Two masters (cp-1 leads), a cloud worker and two edge workers, as kubeadm made them. */
export function nativeSite(): Site {
  const names = [...cloud, ...edge]
  return {
    hosts: names.map((name) => hostNamed(name, { role: cloud.includes(name) ? 'cloud' : 'edge' })),
    nodes: names.map((name) => nodeNamed(name, { controlPlane: masters.includes(name) })),
    facts: new Map(
      names.map((name) => [
        name,
        masters.includes(name) ? masterFacts({ hostname: name }) : nativeFacts({ hostname: name }),
      ]),
    ),
    cluster: {},
  }
}

/** The same once it is an OpenYurt cluster. */
export function convertedSite(given: PlanOptions = options): Site {
  const site = nativeSite()
  for (const host of site.hosts) {
    const master = masters.includes(host.name)
    const facts = master ? switchedMasterFacts({ hostname: host.name }) : nativeFacts({ hostname: host.name })
    site.facts.set(host.name, master ? facts : convertedFacts(host, facts, given))
  }
  site.nodes = site.nodes.map((node) =>
    edge.includes(node.name)
      ? {
          ...node,
          labels: { [release.edgeWorkerLabel]: 'true' },
          annotations: { [release.autonomyAnnotation]: 'true' },
        }
      : { ...node, labels: { [release.edgeWorkerLabel]: 'false' } },
  )
  const wanted = wantedComponents(fleetOf(site), given).flatMap(({ objects }) => objects)
  site.cluster = { objects: liveObjects(wanted) }
  return site
}

export function fleetOf({ hosts, nodes, facts, cluster, belongings }: Site): Fleet {
  return assembleFleet(hosts, hosts, facts, clusterOf(nodes, cluster), belongings)
}

/** Every host of a site, as --limit leaves them when it is not given. */
export function all({ hosts }: Site): Set<string> {
  return new Set(hosts.map(({ name }) => name))
}
