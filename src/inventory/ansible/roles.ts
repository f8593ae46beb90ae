import type { Role } from '../types.js'

const controlPlane = ['kube_control_plane', 'kube-control-plane', 'kube_master', 'kube-master']
const nodes = ['kube_node', 'kube-node']
const cluster = ['k8s_cluster', 'k8s-cluster']

/** The group of all Kubernetes nodes: later releases of Kubespray make it up while they run, for group_vars. */
export const clusterGroup = 'k8s_cluster'

/** Whether a group makes its hosts Kubernetes nodes. */
export function isNodeGroup(group: string): boolean {
  return controlPlane.includes(group) || nodes.includes(group)
}

/**
 * The role of a host by its groups: `cloud` and `edge` say it themselves, a control plane and an etcd member are cloud,
 * any other node is edge. `unclear` says why it cannot be told; undefined is no node.
 */
export function roleOf(groups: ReadonlySet<string>): Role | { unclear: string } | undefined {
  const within = (names: readonly string[]) => names.some((name) => groups.has(name))
  if (groups.has('cloud') && groups.has('edge'))
    return { unclear: 'stands in both group cloud and group edge' }
  if (groups.has('edge') && within(controlPlane))
    return { unclear: 'stands in group edge and in the control plane' }
  if (groups.has('cloud')) return 'cloud'
  if (groups.has('edge')) return 'edge'
  if (within(controlPlane)) return 'cloud'
  if (within(nodes)) return groups.has('etcd') ? 'cloud' : 'edge'
  return within(cluster) ? { unclear: 'is a node of no known kind' } : undefined
}
