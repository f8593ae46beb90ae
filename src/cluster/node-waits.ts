import { YurtSshError } from '../errors.js'
import { mirrorPod, nodeInfo } from './nodes.js'
import { type Look, notAvailable, poll, type WaitOptions } from './poll.js'
import type { Cluster, MirrorPod, NodeInfo } from './types.js'

/**
 * Until the Node is Ready by a status that its kubelet posted at `after` (RFC 3339) or later. The node's Lease would
 * prove nothing: a hub renews it by itself.
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE
 */
export async function waitNodeReady(
  cluster: Cluster,
  node: string,
  options: WaitOptions & { after?: string },
): Promise<NodeInfo> {
  return poll(
    async (request): Promise<Look<NodeInfo>> => {
      const live = await cluster.get({ apiVersion: 'v1', kind: 'Node', name: node }, request)
      if (live === null) return { waiting: `Node ${node} does not exist` }
      const info = nodeInfo(live)
      if (info.ready !== 'True') return { waiting: `Ready of node ${node} is ${info.ready}` }
      const fresh = options.after === undefined || Date.parse(info.heartbeat) >= Date.parse(options.after)
      return fresh ? { done: info } : { waiting: `node ${node} posted its last status at ${info.heartbeat}` }
    },
    (waiting) =>
      new YurtSshError(
        notAvailable,
        `node ${node} was not Ready within ${options.timeoutSeconds} s: ${waiting}`,
        {
          hint: `look at its kubelet: journalctl -u kubelet on the host, kubectl describe node ${node}`,
        },
      ),
    options,
  )
}

export interface MirrorPodWait extends WaitOptions {
  namespace: string
  /** Such as kube-controller-manager-cp-1. */
  name: string
  /** Its config hash before the manifest was changed; absent when it may be the same. */
  hashBefore?: string
}

/**
 * Until the mirror of a static pod shows the manifest as changed, and started.
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE
 */
export async function waitMirrorPod(cluster: Cluster, options: MirrorPodWait): Promise<MirrorPod> {
  const { namespace, name } = options
  return poll(
    async (request): Promise<Look<MirrorPod>> => {
      const live = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace, name }, request)
      const pod = live === null ? null : mirrorPod(live)
      if (pod === null) return { waiting: `the API does not show static pod ${namespace}/${name}` }
      if (pod.configHash === options.hashBefore)
        return { waiting: `${name} still runs the manifest from before` }
      return pod.started ? { done: pod } : { waiting: `${name} has not started` }
    },
    (waiting) =>
      new YurtSshError(
        notAvailable,
        `static pod ${namespace}/${name} was not as wanted within ${options.timeoutSeconds} s: ${waiting}`,
        {
          hint: `look at the kubelet on its node ("Failed creating a mirror pod": a quota or a policy refuses it), and at kubectl -n ${namespace} logs ${name}`,
        },
      ),
    options,
  )
}
