import type { KubeObject } from '../../cluster/types.js'
import type { ApiObject, OwnerReference } from '../api/object.js'

export interface Taint {
  key: string
  value?: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
  timeAdded?: string
}

export interface Toleration {
  key?: string
  operator?: 'Exists' | 'Equal'
  value?: string
  effect?: string
  tolerationSeconds?: number
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastHeartbeatTime?: string
}

export interface Node extends ApiObject {
  spec?: { taints?: Taint[]; unschedulable?: boolean }
  status?: { conditions?: Condition[] }
}

export interface Term {
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

export interface PodSpec {
  nodeName?: string
  nodeSelector?: Record<string, string>
  tolerations?: Toleration[]
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: Term[] }
      preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: Term }[]
    }
  }
}

export interface Pod extends ApiObject {
  spec?: PodSpec
  status?: { phase?: string; conditions?: Condition[] }
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: PodSpec
}

export interface Workload extends ApiObject {
  spec: {
    replicas?: number
    selector: { matchLabels?: Record<string, string> }
    template: PodTemplate
    strategy?: {
      type?: string
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
    }
  }
}

export function condition(object: Node | Pod, type: string): Condition | undefined {
  return object.status?.conditions?.find((entry) => entry.type === type)
}

export const isReady = (object: Node | Pod) => condition(object, 'Ready')?.status === 'True'

/** Whether the pod still counts: neither ended nor being deleted. */
export function isActive(pod: Pod): boolean {
  const { phase } = pod.status ?? {}
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed'
}

export function controlledBy(object: KubeObject, owner: KubeObject): boolean {
  return Boolean(
    (object as ApiObject).metadata.ownerReferences?.some(
      ({ uid, controller }) => controller && uid === owner.metadata.uid,
    ),
  )
}

export function controllerReference(owner: ApiObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The conditions with one of them replaced; its transition time moves only with its status. */
export function withCondition(conditions: readonly Condition[], next: Condition, now: string): Condition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = (before?.status === next.status ? before.lastTransitionTime : undefined) ?? now
  const made = { ...before, ...next, lastTransitionTime }
  return before === undefined
    ? [...conditions, made]
    : conditions.map((entry) => (entry === before ? made : entry))
}

/** Whether a node has the annotation, where there is one that counts. */
export function isAutonomous({ metadata }: Node, annotation: string | undefined): boolean {
  return annotation !== undefined && metadata.annotations?.[annotation] === 'true'
}
