import { refOf } from '../../cluster/types.js'
import { type ApiClient, isPassing } from '../api/client.js'
import { sameJson, timeText } from '../api/object.js'
import {
  condition,
  isAutonomous,
  isReady,
  type Node,
  type Pod,
  type Taint,
  withCondition,
} from '../cluster/objects.js'
import type { Clock } from '../types.js'
import { createAges } from './ages.js'
import { isEvicting, taintKey, withTaint } from './node-taints.js'

export const monitorMs = 5000
const graceMs = 40_000
/** Nodes are tainted for eviction one by one. */
const evictionMs = 10_000
/** From here on a zone's silence is taken for the controller's own (a small cluster evicts nothing then). */
const unhealthyShare = 0.55
const silence = 'Kubelet stopped posting node status.'

export interface LifecycleOptions {
  client: ApiClient
  clock: Clock
  /** yurt-controller-manager leaves the pods of nodes with this annotation as they are. */
  autonomyAnnotation?: string
}

/**
 * One look at all nodes after the other, every 5 s: a stand-in for the node lifecycle controller. A silent node becomes
 * Unknown after 40 s, and is tainted NoExecute at the next look, at most one node per 10 s. A new controller strips
 * these taints first, as a real one does.
 */
export function createLifecycle({
  client,
  clock,
  autonomyAnnotation,
}: LifecycleOptions): () => Promise<void> {
  const ages = createAges(clock, 2 * monitorMs)
  const known = new Set<string>()
  let lastEviction = Number.NEGATIVE_INFINITY
  const now = () => timeText(clock.now())

  async function setTaints(node: Node, taints: Taint[]): Promise<Node> {
    if (sameJson(taints, node.spec?.taints ?? [])) return node
    const { resourceVersion } = node.metadata
    return (await client.patch(refOf(node), { metadata: { resourceVersion }, spec: { taints } })) as Node
  }

  /** Marks a node that nobody has heard of for the grace period, and its pods. */
  async function markSilent(node: Node, age: number): Promise<void> {
    if (age < graceMs || condition(node, 'Ready')?.status === 'Unknown') return
    const unknown = { status: 'Unknown', reason: 'NodeStatusUnknown', message: silence } as const
    const before = node.status?.conditions ?? []
    const types = new Set([...before.map(({ type }) => type), 'Ready'])
    const conditions = [...types].reduce(
      (all, type) => withCondition(all, { type, ...unknown }, now()),
      before,
    )
    await client.update({ ...node, status: { ...node.status, conditions } }, 'status')
    if (!isAutonomous(node, autonomyAnnotation)) await markPods(node)
  }

  async function markPods(node: Node): Promise<void> {
    const fieldSelector = `spec.nodeName=${node.metadata.name}`
    for (const pod of (await client.list('v1', 'Pod', { fieldSelector })) as Pod[]) {
      if (!isReady(pod)) continue
      const conditions = withCondition(
        pod.status?.conditions ?? [],
        { type: 'Ready', status: 'False' },
        now(),
      )
      await client.update({ ...pod, status: { ...pod.status, conditions } }, 'status')
    }
  }

  /** Whether a node may be tainted NoExecute now. */
  function mayEvict(disrupted: boolean): boolean {
    return !disrupted && clock.now() - lastEviction >= evictionMs
  }

  async function taint(node: Node, disrupted: boolean): Promise<void> {
    // A node that has not said anything yet keeps the taint it was made with.
    if (condition(node, 'Ready') === undefined) return
    const key = taintKey(node)
    const fresh = !known.has(node.metadata.uid ?? '')
    known.add(node.metadata.uid ?? '')
    const had = node.spec?.taints ?? []
    const bare = fresh ? withTaint(had, 'NoExecute', null, now()) : had
    const marked = await setTaints(node, withTaint(bare, 'NoSchedule', key, now()))
    const taints = marked.spec?.taints ?? []
    const evicting = taints.find(isEvicting)
    if (key === null) await setTaints(marked, withTaint(taints, 'NoExecute', null, now()))
    else if (evicting !== undefined || (!fresh && mayEvict(disrupted))) {
      if (evicting === undefined) lastEviction = clock.now()
      await setTaints(marked, withTaint(taints, 'NoExecute', key, now()))
    }
  }

  return async () => {
    const nodes = (await client.list('v1', 'Node')) as Node[]
    const leases = await client.list('coordination.k8s.io/v1', 'Lease', { namespace: 'kube-node-lease' })
    const renewals = new Map(leases.map(({ metadata, spec }) => [metadata.name, JSON.stringify(spec)]))
    const disruption = disrupted(nodes)
    for (const node of nodes) {
      const { status, lastHeartbeatTime } = condition(node, 'Ready') ?? {}
      const sign = `${status === 'Unknown' ? '' : status} ${lastHeartbeatTime} ${renewals.get(node.metadata.name)}`
      const age = ages.look(node.metadata.uid ?? '', sign)
      await taint(node, disruption)
        .then(() => markSilent(node, age))
        .catch((error: unknown) => {
          // The kubelet wrote at the same moment, or the API is away: the next look will do.
          if (!isPassing(error)) throw error
        })
    }
  }
}

/** Most of a small cluster silent, at least three nodes, or all of it: nobody is evicted. */
function disrupted(nodes: readonly Node[]): boolean {
  const silent = nodes.filter((node) => !isReady(node)).length
  return silent === nodes.length || (silent > 2 && silent / nodes.length >= unhealthyShare)
}
