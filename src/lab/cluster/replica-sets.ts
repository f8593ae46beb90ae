import { refOf } from '../../cluster/types.js'
import { sameJson } from '../api/object.js'
import { controlledBy, isActive, isReady, type Pod, type Workload } from './objects.js'
import { createPod, deletePod } from './pods.js'
import type { View } from './view.js'

/** A stand-in for the ReplicaSet controller: as many pods as wanted, those that run kept longest. */
export async function syncReplicaSets(view: View): Promise<void> {
  for (const set of view.workloads('ReplicaSet')) {
    if (set.metadata.deletionTimestamp !== undefined) continue
    const pods = view.pods().filter((pod) => controlledBy(pod, set) && isActive(pod))
    const wanted = set.spec.replicas ?? 1
    for (let missing = wanted - pods.length; missing > 0; missing--) await createPod(view, set)
    for (const pod of pods.toSorted(byWorth).slice(wanted)) await deletePod(view, pod)
    await writeStatus(view, set)
  }
}

function byWorth(a: Pod, b: Pod): number {
  const worth = (pod: Pod) => (isReady(pod) ? 2 : pod.spec?.nodeName === undefined ? 0 : 1)
  return worth(b) - worth(a)
}

async function writeStatus(view: View, set: Workload): Promise<void> {
  const pods = view.pods().filter((pod) => controlledBy(pod, set) && isActive(pod))
  const ready = pods.filter(isReady).length
  const status = {
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: set.metadata.generation,
  }
  if (!sameJson(status, set.status)) await view.client.patchStatus(refOf(set), status)
}
