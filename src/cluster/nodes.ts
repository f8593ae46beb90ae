import type { KubeObject, MirrorPod, NodeInfo } from './types.js'

interface NodeBody {
  spec?: { taints?: { key: string; value?: string; effect: string }[]; unschedulable?: boolean }
  status?: {
    conditions?: { type: string; status: NodeInfo['ready']; lastHeartbeatTime?: string }[]
    addresses?: { address: string }[]
    nodeInfo?: { kubeletVersion?: string; architecture?: string; bootID?: string }
  }
}

interface PodBody {
  spec?: { nodeName?: string }
  status?: {
    conditions?: { type: string; status: string }[]
    containerStatuses?: { started?: boolean; state?: { running?: object } }[]
  }
}

/** The label kubeadm gave until 1.24 and the one it gives since 1.20. */
const controlPlaneLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/** What we need of a Node; `kcmNodes` are the nodes that have a kube-controller-manager mirror pod. */
export function nodeInfo(node: KubeObject, kcmNodes: ReadonlySet<string> = new Set()): NodeInfo {
  const { spec, status } = node as NodeBody
  const { name, labels = {}, annotations = {} } = node.metadata
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready')
  return {
    name,
    labels,
    annotations,
    ready: ready?.status ?? 'Unknown',
    heartbeat: ready?.lastHeartbeatTime ?? '',
    addresses: status?.addresses?.map(({ address }) => address) ?? [],
    taints:
      spec?.taints?.map(({ key, value, effect }) => ({
        key,
        ...(value === undefined ? {} : { value }),
        effect,
      })) ?? [],
    unschedulable: spec?.unschedulable ?? false,
    controlPlane: kcmNodes.has(name) || controlPlaneLabels.some((label) => label in labels),
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? '',
    arch: status?.nodeInfo?.architecture ?? '',
    ...(status?.nodeInfo?.bootID ? { bootId: status.nodeInfo.bootID } : {}),
  }
}

/** What we need of a static pod's mirror; null for a pod that is not one. */
export function mirrorPod(pod: KubeObject): MirrorPod | null {
  const { spec, status } = pod as PodBody
  const annotations = pod.metadata.annotations ?? {}
  if (annotations['kubernetes.io/config.mirror'] === undefined || spec?.nodeName === undefined) return null
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  const containers = status?.containerStatuses ?? []
  const allStarted = containers.every(
    ({ started, state }) => started === true && state?.running !== undefined,
  )
  return {
    name: pod.metadata.name,
    node: spec.nodeName,
    configHash: annotations['kubernetes.io/config.hash'] ?? '',
    started: ready || (containers.length > 0 && allStarted),
  }
}
