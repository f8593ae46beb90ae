import { ApiFailure } from './failure.js'
import { type FieldSet, fromFieldsV1, leavesOf, toFieldsV1, valueAt, without } from './field-sets.js'
import { itemWith, mergeKeyOf } from './merge-keys.js'
import {
  type ApiObject,
  isRecord,
  type Json,
  type JsonRecord,
  type ManagedFields,
  sameJson,
} from './object.js'

export interface Manager {
  manager: string
  operation: 'Apply' | 'Update'
  /** RFC 3339. */
  time: string
}

const asJson = (object: ApiObject) => object as unknown as JsonRecord

/** The object after a create, update or patch, with what it changed marked as the writer's. */
export function withOwner(object: ApiObject, live: ApiObject | undefined, writer: Manager): ApiObject {
  const changed: FieldSet = new Map(
    [...leavesOf(asJson(object))].filter(
      ([, path]) =>
        live === undefined || !sameJson(valueAt(asJson(object), path), valueAt(asJson(live), path)),
    ),
  )
  const present = leavesOf(asJson(object))
  const kept = (live?.metadata.managedFields ?? []).map((entry) =>
    narrowed(entry, (key) => present.has(key) && !changed.has(key)),
  )
  return withEntries(object, owned(kept, object, writer, changed))
}

/**
 * Server-side apply: the fields of `wanted` are set and owned; fields that this manager applied before and no longer
 * names go, unless another owns them too.
 * @throws ApiFailure 409 when another manager owns a field of another value, unless forced
 */
export function applyFields(
  wanted: ApiObject,
  live: ApiObject | undefined,
  writer: Manager,
  force: boolean,
): ApiObject {
  const entries = live?.metadata.managedFields ?? []
  const isMine = (entry: ManagedFields) => entry.manager === writer.manager && entry.operation === 'Apply'
  const others = entries.filter((entry) => !isMine(entry))
  const leaves = leavesOf(asJson(wanted))
  const disputed = [...leaves].filter(
    ([, path]) => live !== undefined && !sameJson(valueAt(asJson(wanted), path), valueAt(asJson(live), path)),
  )
  const conflicts = others.flatMap((entry) => {
    const fields = fromFieldsV1(entry.fieldsV1)
    return disputed.filter(([key]) => fields.has(key)).map(([, path]) => ({ manager: entry.manager, path }))
  })
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  const taken = new Set(disputed.map(([key]) => key))
  const kept = entries.map((entry) => (isMine(entry) ? entry : narrowed(entry, (key) => !taken.has(key))))
  const given = entries.filter(isMine).flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)])
  const dropped = given.filter(
    ([key]) =>
      !leaves.has(key) && !kept.some((entry) => !isMine(entry) && fromFieldsV1(entry.fieldsV1).has(key)),
  )
  const base = dropped.reduce<Json>(
    (object, [, path]) => without(object, path),
    (live ?? {}) as unknown as Json,
  )
  const merged = mergeInto(base, wanted as unknown as Json, '') as unknown as ApiObject
  return withEntries(merged, owned(kept, merged, writer, leaves))
}

/** Sets what `wanted` names and leaves the rest; items of keyed lists are merged, other lists replaced. */
function mergeInto(live: Json | undefined, wanted: Json, field: string): Json {
  if (isRecord(wanted)) {
    const result: JsonRecord = isRecord(live) ? { ...live } : {}
    for (const [name, value] of Object.entries(wanted)) result[name] = mergeInto(result[name], value, name)
    return result
  }
  const key = Array.isArray(wanted) ? mergeKeyOf(field, live, wanted) : undefined
  if (key === undefined || !Array.isArray(wanted) || !Array.isArray(live)) return wanted
  const merged = live.map((item) => {
    const change = itemWith(wanted, key, (item as JsonRecord)[key])
    return change === undefined ? item : mergeInto(item, change, '')
  })
  const added = wanted.filter((item) => itemWith(live, key, (item as JsonRecord)[key]) === undefined)
  return [...merged, ...added]
}

function narrowed(entry: ManagedFields, keep: (key: string) => boolean): ManagedFields {
  const fields = [...fromFieldsV1(entry.fieldsV1)].filter(([key]) => keep(key))
  return { ...entry, fieldsV1: toFieldsV1(new Map(fields)) }
}

/** The entries with the writer's fields added to its own; its time moves only when its fields do. */
function owned(kept: ManagedFields[], object: ApiObject, writer: Manager, fields: FieldSet): ManagedFields[] {
  const isMine = ({ manager, operation }: ManagedFields) =>
    manager === writer.manager && operation === writer.operation
  const before = kept.find(isMine) ?? object.metadata.managedFields?.find(isMine)
  const had = before === undefined || writer.operation === 'Apply' ? [] : [...fromFieldsV1(before.fieldsV1)]
  const fieldsV1 = toFieldsV1(new Map([...had, ...fields]))
  const moved = before === undefined || !sameJson(fieldsV1, before.fieldsV1)
  const time = moved ? writer.time : before.time
  const mine: ManagedFields = {
    ...writer,
    time,
    apiVersion: object.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1,
  }
  const all = kept.some(isMine) ? kept.map((entry) => (isMine(entry) ? mine : entry)) : [...kept, mine]
  return all.filter((entry) => Object.keys(entry.fieldsV1).length > 0)
}

function withEntries(object: ApiObject, managedFields: ManagedFields[]): ApiObject {
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

function conflictError(conflicts: { manager: string; path: string[] }[]): ApiFailure {
  const text = (path: string[]) =>
    path.map((part) => (part.startsWith('f:') ? `.${part.slice(2)}` : `[${part.slice(2)}]`)).join('')
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}"`,
    field: text(path),
  }))
  const [first] = causes
  const message = `Apply failed with ${causes.length} conflict${causes.length > 1 ? 's' : ''}: ${first?.message}: ${first?.field}`
  return new ApiFailure(409, 'Conflict', message, { causes })
}
