import { createHash } from 'node:crypto'
import { ask, type KubeObject } from './api.js'
import type { Snapshot } from './snapshot.js'

/** Kinds in kube-system that come and go by themselves. */
const transient: Record<string, string> = {
  events: 'history; expires after an hour',
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
  const lists = (await resources()).map(async ({ path, kind, name, namespaced }) => {
    const wanted = namespaced ? !(name in transient) : clusterScoped.includes(name)
    if (!wanted) return []
    const { items } = await ask<{ items: KubeObject[] }>(
      'GET',
      `${path}${namespaced ? '/namespaces/kube-system' : ''}/${name}`,
    )
    return items.map((item) => ({ ...item, kind }))
  })
  const snapshot: Snapshot = {}
  for (const object of (await Promise.all(lists)).flat()) {
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

interface Resource {
  name: string
  kind: string
  namespaced: boolean
  verbs: string[]
  /** Of its group and version. */
  path: string
}

/** Everything that the API server lists, each kind by its preferred version. */
async function resources(): Promise<Resource[]> {
  const { groups } = await ask<{ groups: { preferredVersion: { groupVersion: string } }[] }>('GET', '/apis')
  const paths = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]
  const found = paths.map(async (path) => {
    const answer = await ask<{ resources: Omit<Resource, 'path'>[] }>('GET', path)
    return answer.resources
      .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list'))
      .map((resource) => ({ ...resource, path }))
  })
  return (await Promise.all(found)).flat()
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
