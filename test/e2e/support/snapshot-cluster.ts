import { createHash } from 'node:crypto'
import { type KubeObject, kubectl, listObjects } from './kubectl.js'
import type { Snapshot } from './snapshot.js'

/** Kinds in kube-system that come and go by themselves. */
const transient: Record<string, string> = {
  events: 'history; expires after an hour',
  'events.events.k8s.io': 'the same events again',
}

const clusterScoped = [
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'namespaces',
  'nodes',
]

/** Written all the time by whoever holds or serves the object. */
const volatileMetadata = [
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'managedFields',
  'generation',
  'selfLink',
  'ownerReferences',
]

const volatileAnnotations: Record<string, string> = {
  'kubernetes.io/config.seen': 'when the kubelet read a static pod',
  'control-plane.alpha.kubernetes.io/leader': 'renewed every two seconds',
}

/**
 * Every object of kube-system, the cluster-scoped RBAC, CRDs and webhooks, and the nodes, each as the hash of what
 * somebody decided: status, versions and renewals left out. Of a node also the labels and annotations in clear.
 */
export async function snapshotCluster(): Promise<Snapshot> {
  const kinds = (await kubectl(['api-resources', '--verbs=list', '--namespaced', '-o', 'name']))
    .split('\n')
    .filter((kind) => kind !== '' && !(kind in transient))
  const [namespaced, global] = await Promise.all([
    listObjects('-n', 'kube-system', kinds.join(',')),
    listObjects(clusterScoped.join(',')),
  ])
  const snapshot: Snapshot = {}
  for (const object of [...namespaced, ...global]) {
    const { kind, metadata } = object
    snapshot[`${kind} ${metadata.name}`] = hash(decided(object))
    if (kind !== 'Node') continue
    for (const [key, value] of Object.entries(metadata.labels ?? {}))
      snapshot[`Node ${metadata.name} label ${key}`] = value
    for (const [key, value] of Object.entries(metadata.annotations ?? {}))
      snapshot[`Node ${metadata.name} annotation ${key}`] = value
  }
  return snapshot
}

function decided({ status: _status, metadata, spec, ...rest }: KubeObject): object {
  const kept = Object.entries(metadata).filter(
    ([key]) => !volatileMetadata.includes(key) && key !== 'annotations',
  )
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => !(key in volatileAnnotations),
  )
  return {
    ...rest,
    metadata: Object.fromEntries(kept),
    annotations: Object.fromEntries(annotations),
    ...(rest.kind === 'Lease' ? {} : { spec }),
  }
}

/** Of the content, whatever order its fields come in. */
function hash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}
