import { refOf } from '../../cluster/types.js'
import { sameJson } from '../api/object.js'
import { misfit } from './fit.js'
import { controlledBy, isReady, type Pod, type Toleration, type Workload } from './objects.js'
import { createPod, deletePod, templateHash } from './pods.js'
import type { View } from './view.js'

/** A daemon's pod stays on a node whatever the node's condition. */
const daemonTolerations: Toleration[] = [
  ...['not-ready', 'unreachable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists' as const,
    effect: 'NoExecute',
  })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable', 'network-unavailable'].map(
    (name) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists' as const,
      effect: 'NoSchedule',
    }),
  ),
]
const revisionLabel = 'controller-revision-hash'

/** A stand-in for the DaemonSet controller: one pod per node that fits. It names the node itself, without the scheduler. */
export async function syncDaemonSets(view: View): Promise<void> {
  for (const set of view.workloads('DaemonSet')) {
    if (set.metadata.deletionTimestamp === undefined) await sync(view, set)
  }
}

async function sync(view: View, set: Workload): Promise<void> {
  const hash = templateHash(set)
  const { spec } = set.spec.template
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations]
  const fitting = (extra: Toleration[]) =>
    view
      .nodes()
      .filter((node) => misfit({ ...spec, tolerations: [...tolerations, ...extra] }, node) === null)
      .map(({ metadata }) => metadata.name)
  // A pod that runs stays where a new one would not be put.
  const names = new Set(fitting([{ operator: 'Exists', effect: 'NoSchedule' }]))
  const own = () => view.pods().filter((pod) => controlledBy(pod, set))
  const [misplaced, placed] = partition(own(), (pod) => !names.has(pod.spec?.nodeName ?? ''))
  for (const pod of misplaced) if (pod.metadata.deletionTimestamp === undefined) await deletePod(view, pod)
  const taken = new Set(placed.map(({ spec: { nodeName = '' } = {} }) => nodeName))
  for (const nodeName of fitting([])) {
    if (!taken.has(nodeName))
      await createPod(view, set, { labels: { [revisionLabel]: hash }, spec: { nodeName, tolerations } })
  }
  await replaceOne(view, placed, hash)
  await writeStatus(
    view,
    set,
    names.size,
    own().filter((pod) => names.has(pod.spec?.nodeName ?? '')),
    hash,
  )
}

const isOf = (hash: string) => (pod: Pod) => pod.metadata.labels?.[revisionLabel] === hash

/** Rolling update with maxUnavailable 1. */
async function replaceOne(view: View, pods: Pod[], hash: string): Promise<void> {
  const broken = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined || !isReady(pod))
  const old = pods.filter((pod) => !isOf(hash)(pod) && pod.metadata.deletionTimestamp === undefined)
  const next = old.find((pod) => broken.includes(pod)) ?? (broken.length === 0 ? old[0] : undefined)
  if (next !== undefined) await deletePod(view, next)
}

async function writeStatus(
  view: View,
  set: Workload,
  desired: number,
  pods: Pod[],
  hash: string,
): Promise<void> {
  const ready = pods.filter(isReady).length
  const status = {
    desiredNumberScheduled: desired,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: pods.filter(isOf(hash)).length,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: desired - ready,
    numberMisscheduled: 0,
    observedGeneration: set.metadata.generation,
  }
  if (!sameJson(status, set.status)) await view.client.patchStatus(refOf(set), status)
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
