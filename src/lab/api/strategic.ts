import { itemWith, mergeKeyOf, setLists } from './merge-keys.js'
import { isRecord, type Json, type JsonRecord } from './object.js'

/** A strategic merge patch: lists with a merge key are merged item by item; `$patch` deletes or replaces. */
export function strategicPatch(target: Json | undefined, change: Json): Json {
  if (!isRecord(change)) return change
  if (change.$patch === 'replace') return withoutDirectives(change)
  const result: JsonRecord = isRecord(target) ? { ...target } : {}
  for (const [field, value] of Object.entries(change)) {
    if (field.startsWith('$deleteFromPrimitiveList/')) {
      const list = field.slice('$deleteFromPrimitiveList/'.length)
      result[list] = asList(result[list]).filter((item) => !asList(value).includes(item))
    } else if (field.startsWith('$')) continue
    else if (value === null) delete result[field]
    else if (Array.isArray(value)) result[field] = patchList(field, result[field], value)
    else if (isRecord(value) && value.$patch === 'delete') delete result[field]
    else result[field] = strategicPatch(result[field], value)
  }
  return result
}

function patchList(field: string, live: Json | undefined, change: Json[]): Json[] {
  const items = change.filter((item) => !(isRecord(item) && item.$patch === 'replace'))
  if (items.length < change.length) return items
  if (setLists.has(field)) return [...new Set([...asList(live), ...change])]
  const key = mergeKeyOf(field, live, change)
  if (key === undefined) return change
  const merged = asList(live).flatMap((item) => {
    const patch = itemWith(change, key, (item as JsonRecord)[key])
    if (patch === undefined) return [item]
    return patch.$patch === 'delete' ? [] : [strategicPatch(item, patch)]
  })
  const added = change.filter(
    (item) => isRecord(item) && item.$patch !== 'delete' && itemWith(live, key, item[key]) === undefined,
  )
  return [...merged, ...added.map((item) => strategicPatch({}, item))]
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

function withoutDirectives(change: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(change).filter(([field]) => !field.startsWith('$')))
}
