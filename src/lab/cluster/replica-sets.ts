import { refOf } from '../../cluster/types.js'
import { isStatus, type RequestFailure } from '../api/client.js'
import { sameJson } from '../api/object.js'
import {
  type Condition,
  controlledBy,
  isActive,
  isReady,
  type Pod,
  type Workload,
  withCondition,
} from './objects.js'
import { createPod, deletePod } from './pods.js'
import type { View } from './view.js'

/** A stand-in for the ReplicaSet controller: as many pods as wanted, those that run kept longest. */
export async function syncReplicaSets(view: View): Promise<void> {
  for (const set of view.workloads('ReplicaSet')) {
    if (set.metadata.deletionTimestamp !== undefined) continue
    const pods = view.pods().filter((pod) => controlledBy(pod, set) && isActive(pod))
    const wanted = set.spec.replicas ?? 1
    const refusal = await createPods(view, set, wanted - pods.length)
    for (const pod of pods.toSorted(byWorth).slice(wanted)) await deletePod(view, pod)
    await writeStatus(view, set, refusal)
  }
}

/** What the API server said where it refused one; the next pass tries again. */
async function createPods(view: View, set: Workload, count: number): Promise<RequestFailure | undefined> {
  try {
    for (let missing = count; missing > 0; missing--) await createPod(view, set)
    return undefined
  } catch (error) {
    if (isStatus(error, 400, 403, 422, 500)) return error
    throw error
  }
}

function byWorth(a: Pod, b: Pod): number {
  const worth = (pod: Pod) => (isReady(pod) ? 2 : pod.spec?.nodeName === undefined ? 0 : 1)
  return worth(b) - worth(a)
}

async function writeStatus(view: View, set: Workload, refusal: RequestFailure | undefined): Promise<void> {
  const pods = view.pods().filter((pod) => controlledBy(pod, set) && isActive(pod))
  const ready = pods.filter(isReady).length
  const before = (set.status as { conditions?: Condition[] } | undefined)?.conditions ?? []
  const failure: Condition[] =
    refusal === undefined
      ? []
      : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refusal.message }]
  const conditions = failure.flatMap((condition) => withCondition(before, condition, view.now()))
  const status = {
    ...(conditions.length + before.length === 0 ? {} : { conditions }),
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: set.metadata.generation,
  }
  if (!sameJson(status, set.status)) await view.client.patchStatus(refOf(set), status)
}
