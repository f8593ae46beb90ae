import { unsupportedMediaType } from './failure.js'
import { applyFields } from './managed-fields.js'
import { type ApiObject, type Json, timeText } from './object.js'
import { jsonPatch, mergePatch } from './patch.js'
import { existing } from './query.js'
import { storeKey, type Target } from './route.js'
import type { Store } from './store.js'
import { strategicPatch } from './strategic.js'
import { asObject } from './validate.js'
import { create, update, type Writer } from './writes.js'

export interface PatchRequest {
  body: Json
  type: string
  query: URLSearchParams
}

/** Carries out a PATCH of any kind; server-side apply may create the object. */
export function patch(
  store: Store,
  target: Target,
  { body, type, query }: PatchRequest,
  writer: Writer,
): { object: ApiObject; created: boolean } {
  const [kind = ''] = type.split(';')
  if (kind === 'application/apply-patch+yaml') return apply(store, target, body, query, writer)
  const live = existing(store, target)
  const changed = patched(kind, live as unknown as Json, body, target.resource.custom)
  return { object: update(store, target, asObject(changed, target), live, writer), created: false }
}

function apply(
  store: Store,
  target: Target,
  body: Json,
  query: URLSearchParams,
  writer: Writer,
): { object: ApiObject; created: boolean } {
  const live = store.get(storeKey(target)) === undefined ? undefined : existing(store, target)
  const by = { manager: writer.manager, operation: 'Apply', time: timeText(writer.now) } as const
  const merged = applyFields(asObject(body, target), live, by, query.get('force') === 'true')
  const applied = { ...writer, applied: true }
  if (live === undefined) return { object: create(store, target, merged, applied), created: true }
  return { object: update(store, target, merged, live, applied), created: false }
}

function patched(type: string, live: Json, change: Json, custom: boolean): Json {
  if (type === 'application/merge-patch+json') return mergePatch(live, change)
  if (type === 'application/json-patch+json') return jsonPatch(live, change)
  if (type === 'application/strategic-merge-patch+json' && !custom) return strategicPatch(live, change)
  throw unsupportedMediaType(type)
}
