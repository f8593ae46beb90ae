import { badRequest, expired, notFound } from './failure.js'
import { apiVersionOf, type Resource } from './kinds.js'
import type { ApiObject, JsonRecord } from './object.js'
import { storeKey, type Target } from './route.js'
import { fieldMatcher, labelMatcher, type Matcher } from './selectors.js'
import type { Store } from './store.js'

/** Whether an object belongs to a list or watch of this target. @throws ApiFailure 400 for a selector that is none */
export function matcher({ resource, namespace, name }: Target, query: URLSearchParams): Matcher {
  const byLabel = labelMatcher(query.get('labelSelector') ?? '')
  const byField = fieldMatcher(query.get('fieldSelector') ?? '')
  return (object) =>
    object.kind === resource.kind &&
    groupOf(object) === resource.group &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    byLabel(object) &&
    byField(object)
}

const groupOf = ({ apiVersion }: ApiObject) =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''

const keyOf = (resource: Resource, { metadata }: ApiObject) =>
  storeKey({
    resource,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  })

/** One page of a list. A `continue` token names the last object of the page before. @throws ApiFailure 400, 410 */
export function list(store: Store, target: Target, query: URLSearchParams): JsonRecord {
  const { resource } = target
  const belongs = matcher(target, query)
  const limit = Number(query.get('limit') ?? 0)
  const { version, after } = pageStart(store, query.get('continue'))
  const found = [...store.objects.values()]
    .filter(belongs)
    .map((object) => ({ object, key: keyOf(resource, object) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const page = limit > 0 ? found.slice(0, limit) : found
  const left = found.length - page.length
  const next = Buffer.from(JSON.stringify({ version, after: page.at(-1)?.key })).toString('base64url')
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: String(version),
      ...(left > 0 ? { continue: next, remainingItemCount: left } : {}),
    },
    items: page.map(({ object }) => asItem(resource, object)),
  }
}

function pageStart(store: Store, token: string | null): { version: number; after: string } {
  if (token === null || token === '') return { version: store.version(), after: '' }
  try {
    const start = JSON.parse(Buffer.from(token, 'base64url').toString()) as { version: number; after: string }
    if (store.since(start.version) !== null) return start
  } catch {
    throw badRequest('continue key is not valid')
  }
  throw expired()
}

/** Items of a list carry neither kind nor version, but for custom ones. */
function asItem(resource: Resource, object: ApiObject): JsonRecord {
  const { apiVersion: _version, kind: _kind, ...rest } = object
  return (resource.custom ? inVersion(resource, object) : rest) as JsonRecord
}

/** The object that a path names, in that version. @throws ApiFailure 404 */
export function existing(store: Store, target: Target): ApiObject {
  const live = store.get(storeKey(target))
  if (live === undefined) throw notFound(target.resource, target.name ?? '')
  return inVersion(target.resource, live)
}

/** The object as this version of its group shows it. */
export function inVersion(resource: Resource, object: ApiObject): ApiObject {
  return { ...object, apiVersion: apiVersionOf(resource) }
}
