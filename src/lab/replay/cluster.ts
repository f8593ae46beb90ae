import type { KubeObject } from '../../cluster/types.js'
import { microTimeText, timeText } from '../api/object.js'
import type { OpenApi } from '../api/server.js'
import type { Commit } from './host.js'
import type { ReplayRole } from './recording.js'

export interface ReplayNode {
  name: string
  role: ReplayRole
}

const kubeSystem = 'kube-system'
const kcm = 'kube-controller-manager'

/** What the API shows of nodes before anybody converts them. */
export function replayObjects(nodes: readonly ReplayNode[], now: number): KubeObject[] {
  const masters = nodes.filter(({ role }) => role === 'control-plane')
  return [
    // a restarted kubelet's heartbeat must be told from the one before
    ...nodes.map((node) => nodeObject(node, now - 60_000)),
    ...masters.map(({ name }) => staticPod(kcm, name, 'before', now)),
    ...masters.slice(0, 1).map(({ name }) => leaseObject(kcm, `${name}_1`, now)),
  ]
}

/** What a host's commit makes of its node, as its kubelet and its controller manager would. */
export function recordCommit(api: OpenApi, { node, role, verb }: Commit, now: number): void {
  const live = api.store.get(`core/Node//${node}`)
  if (live === undefined) return
  if (role === 'control-plane') {
    api.put(staticPod(kcm, node, `${verb}-${now}`, now), leaseObject(kcm, `${node}_${now}`, now))
    return
  }
  api.put({ ...live, status: nodeStatus(now) })
  const hub = staticPod('yurt-hub', node, 'hub', now)
  const shown = api.store.get(`core/Pod/${kubeSystem}/${hub.metadata.name}`)
  if (verb === 'convert') api.put(hub)
  else if (shown !== undefined) api.store.remove(shown)
}

/** Runs what the cluster itself would: Leases are renewed, Deployments have a pod. Stops with the returned function. */
export function runReplayControllers(api: OpenApi, master: string, everyMs = 100): () => void {
  const timer = setInterval(() => {
    const now = Date.now()
    const lease = api.store.get(`coordination.k8s.io/Lease/${kubeSystem}/${kcm}`)
    const { holderIdentity = '' } = (lease?.spec ?? {}) as { holderIdentity?: string }
    if (lease !== undefined) api.put(leaseObject(kcm, holderIdentity, now))
    const name = 'yurt-controller-manager'
    const deployment = api.store.get(`apps/Deployment/${kubeSystem}/${name}`)
    const pod = api.store.get(`core/Pod/${kubeSystem}/${name}-1`)
    if (deployment === undefined) {
      if (pod !== undefined) api.store.remove(pod)
      return
    }
    if (pod === undefined) {
      api.put(componentPod(name, master, now), {
        ...deployment,
        status: {
          observedGeneration: deployment.metadata.generation ?? 1,
          replicas: 1,
          updatedReplicas: 1,
          availableReplicas: 1,
        },
      })
    }
    api.put(leaseObject(name, `${master}_1`, now))
  }, everyMs)
  return () => clearInterval(timer)
}

function nodeObject({ name, role }: ReplayNode, heartbeat: number): KubeObject {
  const labels = role === 'control-plane' ? { 'node-role.kubernetes.io/master': '' } : {}
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: nodeStatus(heartbeat) }
}

function nodeStatus(heartbeat: number): object {
  return {
    conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timeText(heartbeat) }],
    addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    nodeInfo: { kubeletVersion: 'v1.20.2', architecture: 'amd64' },
  }
}

function staticPod(component: string, node: string, hash: string, now: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${node}`,
      namespace: kubeSystem,
      labels: { component },
      annotations: { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.hash': hash },
    },
    spec: { nodeName: node, containers: [{ name: component, command: [component] }] },
    status: runningStatus(now),
  }
}

function componentPod(name: string, node: string, now: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-1`, namespace: kubeSystem, labels: { app: name } },
    spec: { nodeName: node, containers: [{ name }] },
    status: runningStatus(now),
  }
}

function runningStatus(now: number): object {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ state: { running: { startedAt: timeText(now) } } }],
  }
}

function leaseObject(name: string, holderIdentity: string, now: number): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: kubeSystem },
    spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: microTimeText(now) },
  }
}
