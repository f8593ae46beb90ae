import { itemWith, mergeKeyOf } from './merge-keys.js'
import { isRecord, type Json, type JsonRecord } from './object.js'

/** A field's path as managedFields writes it: `f:name` for a field, `k:{"name":"a"}` for an item of a list. */
export type FieldPath = string[]

/** Paths by their JSON text. */
export type FieldSet = Map<string, FieldPath>

/** The leaves of an object that someone can own; what the server keeps in metadata itself is nobody's. */
export function leavesOf(object: JsonRecord): FieldSet {
  const leaves: FieldSet = new Map()
  const { apiVersion: _version, kind: _kind, metadata, ...fields } = object
  const { labels, annotations, ownerReferences, finalizers } = (metadata ?? {}) as JsonRecord
  collect(
    { ...fields, metadata: { labels, annotations, ownerReferences, finalizers } as JsonRecord },
    [],
    leaves,
  )
  return leaves
}

function collect(value: Json | undefined, path: FieldPath, into: FieldSet): void {
  const field = path.at(-1)?.slice(2) ?? ''
  const key = Array.isArray(value) && value.length > 0 ? mergeKeyOf(field, value) : undefined
  if (isRecord(value) && (Object.keys(value).length > 0 || path.length === 0)) {
    for (const [name, part] of Object.entries(value)) {
      if (part !== undefined) collect(part, [...path, `f:${name}`], into)
    }
  } else if (Array.isArray(value) && key !== undefined) {
    for (const item of value) {
      if (isRecord(item)) collect(item, [...path, `k:${JSON.stringify({ [key]: item[key] })}`], into)
    }
  } else into.set(JSON.stringify(path), path)
}

/** The value at a path; undefined where there is none. */
export function valueAt(object: Json, path: FieldPath): Json | undefined {
  return path.reduce<Json | undefined>((value, element) => {
    if (element.startsWith('f:')) return isRecord(value) ? value[element.slice(2)] : undefined
    const [key = '', wanted] = itemKey(element)
    return itemWith(value, key, wanted)
  }, object)
}

/** The object without what stands at a path, and without the list items that this leaves bare. */
export function without(value: Json, path: FieldPath): Json {
  const [element = '', ...rest] = path
  if (element.startsWith('f:')) {
    const name = element.slice(2)
    if (!isRecord(value) || value[name] === undefined) return value
    const { [name]: part, ...others } = value
    const left = rest.length === 0 ? undefined : without(part as Json, rest)
    return left === undefined || isEmpty(left) ? others : { ...others, [name]: left }
  }
  if (!Array.isArray(value)) return value
  const [key = '', wanted] = itemKey(element)
  return value.flatMap((item) => {
    if (!isRecord(item) || item[key] !== wanted) return [item]
    const left = rest.length === 0 ? {} : without(item, rest)
    const bare = isRecord(left) && Object.keys(left).every((name) => name === key)
    // The key of an item is owned like its other fields: an item that nobody owns any more goes with it.
    return rest.at(-1) === `f:${key}` || bare ? [] : [left]
  })
}

function itemKey(element: string): [string, Json] | [] {
  return Object.entries(JSON.parse(element.slice(2)) as JsonRecord)[0] ?? []
}

function isEmpty(value: Json): boolean {
  return (isRecord(value) && Object.keys(value).length === 0) || (Array.isArray(value) && value.length === 0)
}

/** As managedFields' fieldsV1. */
export function toFieldsV1(set: FieldSet): JsonRecord {
  const root: JsonRecord = {}
  for (const path of set.values()) {
    let at = root
    for (const element of path) {
      at[element] ??= {}
      at = at[element] as JsonRecord
    }
  }
  return root
}

export function fromFieldsV1(fields: JsonRecord): FieldSet {
  const set: FieldSet = new Map()
  const walk = (node: JsonRecord, path: FieldPath) => {
    const entries = Object.entries(node)
    if (entries.length === 0 && path.length > 0) set.set(JSON.stringify(path), path)
    for (const [element, below] of entries) walk(below as JsonRecord, [...path, element])
  }
  walk(fields, [])
  return set
}
