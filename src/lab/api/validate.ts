import { badRequest, invalid } from './failure.js'
import { apiVersionOf, type Resource } from './kinds.js'
import { type ApiObject, isRecord, type Json, type JsonRecord, sameJson } from './object.js'
import type { Target } from './route.js'

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** The body as an object of that kind and place, its names filled in from the path. @throws ApiFailure 400 */
export function asObject(body: Json, { resource, namespace, name }: Target): ApiObject {
  if (!isRecord(body)) throw badRequest('the body of the request is no object')
  const expected = apiVersionOf(resource)
  const { apiVersion = expected, kind = resource.kind } = body
  if (apiVersion !== expected || kind !== resource.kind) {
    const given = `${String(apiVersion)}, Kind=${String(kind)}`
    throw badRequest(
      `the API version and kind in the data (${given}) are not those of the path (${expected}, Kind=${resource.kind})`,
    )
  }
  const metadata = isRecord(body.metadata) ? body.metadata : {}
  if (namespace !== undefined && (metadata.namespace ?? namespace) !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name !== undefined && (metadata.name ?? name) !== name)
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`,
    )
  return {
    ...body,
    apiVersion: expected,
    kind: resource.kind,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    } as ApiObject['metadata'],
  }
}

/** @throws ApiFailure 422 for a name that no object of this kind may have */
export function checkName(resource: Resource, name: string): void {
  const free = resource.group === 'rbac.authorization.k8s.io' && !/[/%]/.test(name) && name !== ''
  if (free || (subdomain.test(name) && name.length <= 253)) return
  throw invalid(
    resource,
    name,
    `metadata.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`,
  )
}

/** Fields that may not change once an object is made. */
const fixed: Record<string, readonly string[]> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  DaemonSet: ['selector'],
  Pod: ['nodeName', 'hostNetwork', 'serviceAccountName'],
  Job: ['template', 'selector'],
}

/** @throws ApiFailure 422 when a field changes that may not */
export function checkUpdate(resource: Resource, object: ApiObject, live: ApiObject): void {
  const { name } = live.metadata
  if (!sameJson(object.roleRef, live.roleRef)) {
    throw invalid(resource, name, 'roleRef: Invalid value: cannot change roleRef')
  }
  const specs = [object, live].map(({ spec }) => (spec ?? {}) as JsonRecord)
  for (const field of fixed[resource.kind] ?? []) {
    if (specs[1]?.[field] !== undefined && !sameJson(specs[0]?.[field], specs[1][field]))
      throw invalid(resource, name, `spec.${field}: Invalid value: field is immutable`)
  }
}
