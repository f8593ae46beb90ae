import pLimit from 'p-limit'
import { mirrorPod, nodeInfo } from './nodes.js'
import { runTokens } from './token.js'
import {
  type Cluster,
  type ClusterFacts,
  type KubeObject,
  type MirrorPod,
  type ObjectRef,
  type RequestOptions,
  refKey,
} from './types.js'

const kcmName = 'kube-controller-manager'
/** Jobs that OpenYurt's own converters run. */
const foreignJob = /^(yurtctl-(en|dis)able-node-controller|node-servant-(preflight-)?(convert|revert))/

/**
 * Reads what a plan needs to know of the cluster, and the live state of `refs`. Changes nothing.
 * @throws YurtSshError what the API answers; API_FORBIDDEN names the verb and the object
 */
export async function gatherClusterFacts(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  options: RequestOptions = {},
): Promise<ClusterFacts> {
  const limit = pLimit(8)
  const [serverVersion, apiVersions, nodes, kcmPods, lease, jobs, tokens, ...found] = await Promise.all([
    cluster.version(options),
    cluster.apiVersions(options),
    cluster.list('v1', 'Node', options),
    controllerManagers(cluster, options),
    cluster.get(
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name: kcmName },
      options,
    ),
    cluster.list('batch/v1', 'Job', { ...options, namespace: 'kube-system' }),
    runTokens(cluster, options),
    ...refs.map((ref) => limit(() => cluster.get(ref, options))),
  ])
  const kcmNodes = new Set(kcmPods.map((pod) => pod.node))
  return {
    serverVersion,
    apiVersions,
    nodes: nodes.map((node) => nodeInfo(node, kcmNodes)),
    kcmPods,
    kcmLeader: (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '',
    objects: Object.fromEntries(refs.map((ref, index) => [refKey(ref), found[index] ?? null])),
    foreignJobs: jobs
      .filter((job) => foreignJob.test(job.metadata.name) && underWay(job))
      .map((job) => job.metadata.name),
    runTokens: tokens,
  }
}

/** By kubeadm's label; where nothing carries it, by name among all of kube-system. */
async function controllerManagers(cluster: Cluster, options: RequestOptions): Promise<MirrorPod[]> {
  const inSystem = { ...options, namespace: 'kube-system' }
  const labelled = await cluster.list('v1', 'Pod', { ...inSystem, labelSelector: `component=${kcmName}` })
  const pods = labelled.length > 0 ? labelled : await cluster.list('v1', 'Pod', inSystem)
  return pods.map(mirrorPod).filter((pod): pod is MirrorPod => pod?.name.startsWith(`${kcmName}-`) ?? false)
}

function underWay(job: KubeObject): boolean {
  const { conditions = [] } = (job.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return !conditions.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}
