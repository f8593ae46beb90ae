import type { ClusterFacts, KubeObject, NodeInfo } from '../../cluster/types.js'
import type { YurtSshError } from '../../errors.js'
import type { Host, Images } from '../../inventory/types.js'
import type { HostFacts } from '../../node/types.js'
import type { Snapshot, SnapshotHost } from './format.js'
import { scrub } from './scrub.js'

export interface SnapshotParts {
  taken: string
  release: string
  images: Images
  cluster: ClusterFacts
  hosts: readonly Host[]
  facts: ReadonlyMap<string, HostFacts>
  failures: ReadonlyMap<string, YurtSshError>
}

/** A fleet's facts as a snapshot, and how many values were replaced because they look like secrets; pure. */
export function makeSnapshot(parts: SnapshotParts): { snapshot: Snapshot; replaced: number } {
  const { taken, release, images, cluster } = parts
  const { clean, replaced } = scrub<Snapshot>({
    format: 1,
    taken,
    release,
    images,
    cluster: withoutBystanders(cluster),
    hosts: parts.hosts.map((host) => hostEntry(host, parts)),
  })
  return { snapshot: clean, replaced }
}

function hostEntry(host: Host, { facts, failures }: SnapshotParts): SnapshotHost {
  const { ssh: _ssh, sshOrigins: _origins, position: _position, ...kept } = host
  const found = facts.get(host.name)
  const failure = failures.get(host.name)
  return {
    ...kept,
    ...(found === undefined ? {} : { facts: { ...found, bootId: '' } }),
    ...(failure === undefined ? {} : { failure: { code: failure.code, message: reasonOf(failure) } }),
  }
}

/** Errors of SSH name users, addresses, bastions and files of the operator: none of that leaves the site. */
function reasonOf({ code, message }: YurtSshError): string {
  return code.startsWith('SSH_') ? `it could not be reached (${code})` : message
}

/** Of nodes and objects only what a plan reads: nobody else's annotations, no addresses, no field owners. */
function withoutBystanders(cluster: ClusterFacts): ClusterFacts {
  const objects = Object.entries(cluster.objects).map(([key, object]): [string, KubeObject | null] => {
    if (object === null) return [key, null]
    const { managedFields: _owners, ...metadata } = object.metadata as KubeObject['metadata'] & {
      managedFields?: unknown
    }
    return [key, { ...object, metadata }]
  })
  return { ...cluster, nodes: cluster.nodes.map(nodeEntry), objects: Object.fromEntries(objects) }
}

function nodeEntry(node: NodeInfo): NodeInfo {
  const ours = (values: Record<string, string>, keep: RegExp): Record<string, string> =>
    Object.fromEntries(Object.entries(values).filter(([key]) => keep.test(key)))
  return {
    ...node,
    labels: ours(node.labels, /openyurt\.io|kubernetes\.io/),
    annotations: ours(node.annotations, /openyurt\.io/),
    addresses: [],
  }
}
