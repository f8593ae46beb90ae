import { randomBytes, randomUUID } from 'node:crypto'
import { admit } from './admission.js'
import { begun, withDefaults } from './defaults.js'
import { settleDeletion } from './deletion.js'
import { alreadyExists, conflict, invalid, notFound } from './failure.js'
import { type Manager, withOwner } from './managed-fields.js'
import { type ApiObject, sameJson, timeText } from './object.js'
import { storeKey, type Target } from './route.js'
import type { Store } from './store.js'
import { checkName, checkUpdate } from './validate.js'

export interface Writer {
  user: string
  /** Who owns the fields, for managedFields. */
  manager: string
  /** Milliseconds since 1970. */
  now: number
  dryRun: boolean
  /** Server-side apply has said already who owns what. */
  applied: boolean
}

/** Stores a new object. @throws ApiFailure 404 for its namespace, 409 when there is one, 422 for its name */
export function create(store: Store, target: Target, given: ApiObject, writer: Writer): ApiObject {
  const { resource, namespace } = target
  const { generateName, ...metadata } = given.metadata
  const name = metadata.name ?? (generateName === undefined ? '' : generateName + suffix())
  if (name === '')
    throw invalid(resource, '', 'metadata.name: Required value: name or generateName is required')
  checkName(resource, name)
  if (namespace !== undefined && store.get(`core/Namespace//${namespace}`) === undefined)
    throw notFound({ ...resource, group: '', plural: 'namespaces' }, namespace)
  if (store.get(storeKey({ ...target, name })) !== undefined) throw alreadyExists(resource, name)
  const { resourceVersion: _version, deletionTimestamp: _deleted, managedFields, ...kept } = metadata
  const now = timeText(writer.now)
  const { status: _status, ...body } = given
  // Nodes may bring their status: the kubelet creates its own.
  const keepsStatus = !resource.subresources.includes('status') || resource.kind === 'Node'
  const object: ApiObject = {
    ...(keepsStatus ? given : body),
    apiVersion: given.apiVersion,
    kind: given.kind,
    metadata: {
      ...kept,
      name,
      ...(generateName === undefined ? {} : { generateName }),
      uid: randomUUID(),
      creationTimestamp: now,
      ...(hasGeneration(target) ? { generation: 1 } : {}),
    },
  }
  const filled = withDefaults(begun(object, writer.user), now)
  admit(store, target, filled, { operation: 'CREATE', dryRun: writer.dryRun })
  const owned = writer.applied
    ? { ...filled, metadata: { ...filled.metadata, managedFields: managedFields ?? [] } }
    : withOwner(filled, undefined, managerOf(writer))
  return writer.dryRun ? owned : store.write(owned)
}

/**
 * Replaces an object, or only the part that a subresource is. What changes nothing is not written.
 * @throws ApiFailure 409 when the caller saw another version
 */
export function update(
  store: Store,
  target: Target,
  given: ApiObject,
  live: ApiObject,
  writer: Writer,
): ApiObject {
  const { resource } = target
  const { name, resourceVersion, uid } = live.metadata
  const { resourceVersion: seen, uid: meant } = given.metadata
  if (meant !== undefined && meant !== uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${meant}, UID in object meta: ${uid}`,
    )
  if (seen !== undefined && seen !== resourceVersion) throw conflict(resource, name)
  const allowed = restricted(target, given, live)
  const now = timeText(writer.now)
  const object = target.subresource === undefined ? withDefaults(allowed, now) : allowed
  checkUpdate(resource, object, live)
  admit(store, target, object, { operation: 'UPDATE', dryRun: writer.dryRun })
  const moved = hasGeneration(target) && !sameJson(substance(object), substance(live))
  const next: ApiObject = {
    ...object,
    metadata: {
      ...object.metadata,
      ...(moved ? { generation: (live.metadata.generation ?? 1) + 1 } : {}),
    },
  }
  const owned = writer.applied
    ? { ...next, metadata: { ...next.metadata, managedFields: given.metadata.managedFields ?? [] } }
    : withOwner(next, live, managerOf(writer))
  if (writer.dryRun || sameJson(owned, live)) return owned
  return settleDeletion(store, store.write(owned), writer.now)
}

const managerOf = ({ manager, now }: Writer): Manager => ({
  manager,
  operation: 'Update',
  time: timeText(now),
})

const serverFields = [
  'uid',
  'creationTimestamp',
  'resourceVersion',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** What a request may change: all but the status, or only what the subresource is for; never what the server keeps. */
function restricted({ resource, subresource }: Target, given: ApiObject, live: ApiObject): ApiObject {
  const kept = Object.fromEntries(
    serverFields.flatMap((field) =>
      live.metadata[field] === undefined ? [] : [[field, live.metadata[field]]],
    ),
  )
  const metadata = { ...given.metadata, ...kept, managedFields: live.metadata.managedFields ?? [] }
  if (subresource === 'approval') {
    const { conditions } = (given.status ?? {}) as { conditions?: unknown }
    return { ...live, status: { ...(live.status as object | undefined), conditions } }
  }
  if (subresource === 'status') return { ...live, status: given.status }
  if (!resource.subresources.includes('status')) return { ...given, metadata }
  const { status: _status, ...body } = given
  return {
    ...body,
    apiVersion: given.apiVersion,
    kind: given.kind,
    metadata,
    ...(live.status === undefined ? {} : { status: live.status }),
  }
}

/** Kinds whose objects count the versions of what they ask for. */
function hasGeneration({ resource }: Target): boolean {
  return (
    resource.custom ||
    ['apps', 'batch', 'apiextensions.k8s.io', 'admissionregistration.k8s.io'].includes(resource.group)
  )
}

function substance({ metadata: _metadata, status: _status, ...rest }: ApiObject): object {
  return rest
}

function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join('')
}
