import { YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import { applyObject } from './apply.js'
import { isLeftover } from './components.js'
import { unchangedSince } from './diff.js'
import { waitLeaderChanged, waitLeaseHeld } from './lease-wait.js'
import { isOurs } from './ownership.js'
import { type Look, notAvailable, poll } from './poll.js'
import {
  type Cluster,
  type ClusterStep,
  type NodeChange,
  type ObjectRef,
  type RequestOptions,
  refText,
} from './types.js'
import { waitDeployment, waitPodsGone } from './waits.js'

export interface StepOptions {
  signal?: AbortSignal
  /** Gets what a wait is waiting for. */
  onProgress?: (text: string) => void
  /** Milliseconds between two looks of a wait. */
  intervalMs?: number
}

/** `same`: the cluster was as wanted already. */
export type StepResult = 'changed' | 'same'

/** Seconds for an object to go after its deletion was accepted. */
const goneSeconds = 60

/**
 * Carries out one step. Each may be repeated: a step that is done already changes nothing.
 * @throws YurtSshError CLUSTER_CHANGED (not as it was when the plan was shown), CLUSTER_NOT_AVAILABLE (a wait ran out),
 * GUARD_FOREIGN_OBJECT, or what the API answers
 */
export async function runClusterStep(
  cluster: Cluster,
  step: ClusterStep,
  options: StepOptions = {},
): Promise<StepResult> {
  const request: RequestOptions = options.signal ? { signal: options.signal } : {}
  switch (step.kind) {
    case 'label':
    case 'annotate':
      return changeNode(cluster, step.node, [step], request)
    case 'apply':
      return (await applyObject(cluster, step.object, request)) === 'same' ? 'same' : 'changed'
    case 'delete':
      return remove(cluster, step.ref, options)
    case 'wait-deployment':
      await waitDeployment(cluster, step.namespace, step.name, {
        ...options,
        timeoutSeconds: step.timeoutSeconds,
      })
      return 'same'
    case 'wait-lease':
      await waitLeaseHeld(cluster, step, { ...options, timeoutSeconds: step.timeoutSeconds })
      return 'same'
    case 'wait-leader':
      await waitLeaderChanged(cluster, step, { ...options, timeoutSeconds: step.timeoutSeconds })
      return 'same'
    case 'wait-pods-gone':
      await waitPodsGone(cluster, step, { ...options, timeoutSeconds: step.timeoutSeconds })
      return 'same'
  }
}

/**
 * Changes exactly these labels and annotations of a Node in one write, from what the plan saw; the kubelet's own writes
 * meanwhile are no obstacle. @throws as `runClusterStep`
 */
export async function changeNode(
  cluster: Cluster,
  node: string,
  changes: readonly NodeChange[],
  request: RequestOptions = {},
): Promise<StepResult> {
  const ref = { apiVersion: 'v1', kind: 'Node', name: node }
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.get(ref, request)
    if (live === null) throw changed(`Node ${node} is gone`)
    const wanted: Record<'labels' | 'annotations', Record<string, string | null>> = {
      labels: {},
      annotations: {},
    }
    for (const { kind, key, value, before } of changes) {
      const map = kind === 'label' ? 'labels' : 'annotations'
      const now = live.metadata[map]?.[key] ?? null
      if (now === value) continue
      if (now !== before) throw changed(`${key} of node ${node} is ${text(now)}, it was ${text(before)}`)
      wanted[map][key] = value
    }
    const metadata = Object.fromEntries(
      Object.entries(wanted).filter(([, keys]) => Object.keys(keys).length > 0),
    )
    if (Object.keys(metadata).length === 0) return 'same'
    try {
      await cluster.patch(ref, unchangedSince(live, { metadata }), 'merge', request)
      return 'changed'
    } catch (error) {
      if (attempt === 5 || !hasCode(error, 'API_CONFLICT')) throw error
    }
  }
}

/** Deletes an object that is ours, or that a component of ours made at runtime, and waits until it is gone. */
async function remove(cluster: Cluster, ref: ObjectRef, options: StepOptions): Promise<StepResult> {
  const request: RequestOptions = options.signal ? { signal: options.signal } : {}
  const live = await cluster.get(ref, request)
  if (live === null) return 'same'
  if (!isOurs(live) && !isLeftover(ref))
    throw changed(`${refText(ref)} no longer carries the label of yurt-ssh`)
  const { uid } = live.metadata
  await cluster.delete(ref, { ...request, ...(uid === undefined ? {} : { uid }) }).catch((error: unknown) => {
    if (hasCode(error, 'API_CONFLICT')) throw changed(`${refText(ref)} has been replaced`)
    if (!hasCode(error, 'API_NOT_FOUND')) throw error
  })
  await poll(
    async (again): Promise<Look<true>> => {
      const left = await cluster.get(ref, again)
      return left === null || left.metadata.uid !== uid
        ? { done: true }
        : { waiting: `${refText(ref)} is being deleted` }
    },
    () =>
      new YurtSshError(notAvailable, `${refText(ref)} was still there ${goneSeconds} s after its deletion`, {
        hint: 'a finalizer holds it: look at its metadata.finalizers',
      }),
    { ...options, timeoutSeconds: goneSeconds },
  )
  return 'changed'
}

function changed(what: string): YurtSshError {
  return new YurtSshError('CLUSTER_CHANGED', `the cluster has changed since the plan was made: ${what}`, {
    hint: 'run again to see a plan for how it is now',
  })
}

const text = (value: string | null) => (value === null ? 'absent' : `"${value}"`)
