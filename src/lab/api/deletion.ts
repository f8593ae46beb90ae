import { customResources } from './custom.js'
import { type ApiObject, timeText } from './object.js'
import type { Store } from './store.js'

export interface Deletion {
  /** Milliseconds since 1970. */
  now: number
  /** For Pods; their own terminationGracePeriodSeconds when not given. */
  graceSeconds?: number
  propagation?: 'Background' | 'Foreground' | 'Orphan'
}

const foreground = 'foregroundDeletion'

/**
 * Deletes an object: at once, or marked until its kubelet or its finalizers let it go. The garbage collector's part is
 * done in the same moment; a real one takes a second or so.
 */
export function deleteObject(store: Store, object: ApiObject, deletion: Deletion): ApiObject {
  const { propagation = 'Background', now } = deletion
  const owned = dependents(store, object)
  if (propagation === 'Orphan') for (const dependent of owned) disown(store, dependent, object)
  const grace = graceOf(object, deletion)
  const finalizers = [
    ...(object.metadata.finalizers ?? []),
    ...(propagation === 'Foreground' && owned.length > 0 ? [foreground] : []),
  ]
  if (grace === 0 && finalizers.length === 0) return removeForGood(store, object, now)
  const marked = store.write({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: object.metadata.deletionTimestamp ?? timeText(now + grace * 1000),
      deletionGracePeriodSeconds: Math.min(grace, object.metadata.deletionGracePeriodSeconds ?? grace),
      ...(finalizers.length > 0 ? { finalizers: [...new Set(finalizers)] } : {}),
    },
  })
  if (propagation === 'Foreground') for (const dependent of owned) deleteObject(store, dependent, deletion)
  return marked
}

/** Removes an object that was marked once nothing holds it any more. */
export function settleDeletion(store: Store, object: ApiObject, now: number): ApiObject {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata
  const held = deletionTimestamp === undefined || finalizers.length > 0 || deletionGracePeriodSeconds > 0
  return held ? object : removeForGood(store, object, now)
}

/** Seconds for the kubelet; 0 for what no kubelet runs. */
function graceOf(object: ApiObject, { graceSeconds }: Deletion): number {
  const { nodeName, terminationGracePeriodSeconds = 30 } = (object.spec ?? {}) as {
    nodeName?: string
    terminationGracePeriodSeconds?: number
  }
  const { phase } = (object.status ?? {}) as { phase?: string }
  const runs = object.kind === 'Pod' && nodeName !== undefined && phase !== 'Succeeded' && phase !== 'Failed'
  return runs ? (graceSeconds ?? terminationGracePeriodSeconds) : 0
}

function removeForGood(store: Store, object: ApiObject, now: number): ApiObject {
  const removed = store.remove(object)
  for (const left of belongings(store, object)) deleteObject(store, left, { now })
  const owners = new Set(object.metadata.ownerReferences?.map(({ uid }) => uid))
  for (const owner of [...store.objects.values()].filter(({ metadata }) => owners.has(metadata.uid ?? ''))) {
    releaseOwner(store, owner, now)
  }
  return removed
}

/** An owner that waits for its dependents goes with the last of them. */
function releaseOwner(store: Store, owner: ApiObject, now: number): void {
  const { finalizers = [] } = owner.metadata
  if (!finalizers.includes(foreground) || dependents(store, owner).length > 0) return
  const metadata = { ...owner.metadata, finalizers: finalizers.filter((name) => name !== foreground) }
  settleDeletion(store, store.write({ ...owner, metadata }), now)
}

/** What lives only as long as the object: dependents, a definition's objects, a Namespace's contents. */
function belongings(store: Store, object: ApiObject): ApiObject[] {
  const all = [...store.objects.values()]
  if (object.kind === 'CustomResourceDefinition') {
    const kinds = customResources(object)
    return all.filter(({ apiVersion, kind }) =>
      kinds.some((resource) => resource.kind === kind && apiVersion.startsWith(`${resource.group}/`)),
    )
  }
  if (object.kind === 'Namespace')
    return all.filter(({ metadata }) => metadata.namespace === object.metadata.name)
  const uids = new Set(all.map(({ metadata }) => metadata.uid))
  return dependents(store, object).filter(
    ({ metadata }) => !metadata.ownerReferences?.some(({ uid }) => uids.has(uid)),
  )
}

function dependents(store: Store, owner: ApiObject): ApiObject[] {
  return [...store.objects.values()].filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
  )
}

function disown(store: Store, dependent: ApiObject, owner: ApiObject): void {
  const ownerReferences = dependent.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid)
  store.write({
    ...dependent,
    metadata: { ...dependent.metadata, ...(ownerReferences ? { ownerReferences } : {}) },
  })
}
