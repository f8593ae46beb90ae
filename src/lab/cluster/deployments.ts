import { refOf } from '../../cluster/types.js'
import { sameJson } from '../api/object.js'
import { type Condition, controlledBy, controllerReference, type Workload, withCondition } from './objects.js'
import { templateHash } from './pods.js'
import type { View } from './view.js'

/** The condition of a ReplicaSet whose pods are refused, which its Deployment shows too. */
const failed = 'ReplicaFailure'

interface SetStatus {
  conditions?: Condition[]
  replicas?: number
  availableReplicas?: number
}

/** A stand-in for the Deployment controller: a ReplicaSet per template, the old ones replaced as the strategy says. */
export async function syncDeployments(view: View): Promise<void> {
  for (const deployment of view.workloads('Deployment')) {
    if (deployment.metadata.deletionTimestamp !== undefined) continue
    const hash = templateHash(deployment)
    const sets = view.workloads('ReplicaSet').filter((set) => controlledBy(set, deployment))
    const current = sets.find((set) => set.metadata.name === `${deployment.metadata.name}-${hash}`)
    const old = sets.filter((set) => set !== current)
    const left = old.reduce((sum, set) => sum + statusOf(set).replicas, 0)
    const recreate = deployment.spec.strategy?.type === 'Recreate'
    // With Recreate even pods that are being deleted hold the new ones back: they may hold a port.
    const busy = recreate && old.some((set) => view.pods().some((pod) => controlledBy(pod, set)))
    if (recreate) for (const set of old) await scale(view, set, 0)
    if (current === undefined) {
      if (!busy) await createSet(view, deployment, hash, room(deployment, left))
    } else {
      const { replicas = 1 } = deployment.spec
      const more = busy ? 0 : room(deployment, left)
      await scale(view, current, Math.min(replicas, Math.max(more, wanted(current))))
      await scaleDown(view, deployment, current, old)
    }
    await writeStatus(view, deployment, current, sets)
  }
}

const wanted = (workload: Workload) => workload.spec.replicas ?? 1
const statusOf = ({ status }: Workload): Required<Omit<SetStatus, 'conditions'>> => ({
  replicas: 0,
  availableReplicas: 0,
  ...(status as SetStatus | undefined),
})

/** How many new pods may be there beside so many old ones. */
function room(deployment: Workload, left: number): number {
  const { replicas = 1, strategy } = deployment.spec
  const surge =
    strategy?.type === 'Recreate' ? 0 : share(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil)
  return Math.max(0, Math.min(replicas, replicas + surge - left))
}

function share(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * of)
}

async function scale(view: View, set: Workload, replicas: number): Promise<void> {
  if (wanted(set) !== replicas) await view.client.patch(refOf(set), { spec: { replicas } })
}

/** Old pods go as new ones become available. */
async function scaleDown(
  view: View,
  deployment: Workload,
  current: Workload,
  old: Workload[],
): Promise<void> {
  const { replicas = 1, strategy } = deployment.spec
  const unavailable = share(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor)
  let spare =
    [current, ...old].reduce((sum, set) => sum + statusOf(set).availableReplicas, 0) -
    (replicas - unavailable)
  for (const set of old) {
    // Pods that never became available serve nobody.
    const useless = wanted(set) - statusOf(set).availableReplicas
    const less = Math.min(wanted(set), Math.max(0, useless) + Math.max(0, spare))
    spare -= Math.max(0, less - useless)
    await scale(view, set, wanted(set) - less)
  }
}

async function createSet(view: View, deployment: Workload, hash: string, replicas: number): Promise<void> {
  const { template, selector } = deployment.spec
  const mark = { 'pod-template-hash': hash }
  const labels = { ...template.metadata?.labels, ...mark }
  await view.client.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? 'default',
      labels,
      ...{ ownerReferences: [controllerReference(deployment)] },
    },
    spec: {
      replicas,
      selector: { matchLabels: { ...selector.matchLabels, ...mark } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  })
}

async function writeStatus(
  view: View,
  deployment: Workload,
  current: Workload | undefined,
  sets: readonly Workload[],
): Promise<void> {
  const { replicas = 1 } = deployment.spec
  const total = sets.reduce((sum, set) => sum + statusOf(set).replicas, 0)
  const available = sets.reduce((sum, set) => sum + statusOf(set).availableReplicas, 0)
  const before = deployment.status as { conditions?: Condition[] } | undefined
  const enough = available >= replicas
  const reason = enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable'
  const next: Condition = { type: 'Available', status: enough ? 'True' : 'False', reason }
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas: total,
    updatedReplicas: current === undefined ? 0 : statusOf(current).replicas,
    readyReplicas: available,
    availableReplicas: available,
    unavailableReplicas: Math.max(0, replicas - available),
    conditions: [
      ...withCondition(before?.conditions ?? [], next, view.now()).filter(({ type }) => type !== failed),
      ...sets.flatMap(({ status }) => (status as SetStatus | undefined)?.conditions ?? []).slice(0, 1),
    ],
  }
  if (!sameJson(status, before)) await view.client.patchStatus(refOf(deployment), status)
}
