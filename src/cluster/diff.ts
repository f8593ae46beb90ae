import type { KubeObject } from './types.js'

/** On a ConfigMap whose values are the operator's to change: we add keys that are missing and change none. */
export const keepDataAnnotation = 'yurt-ssh.io/keep-data'

export type ObjectDiff = 'create' | 'update' | 'same'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What applying `desired` would do. Fields that we do not set are the server's or another's, and never differ. */
export function objectDiff(desired: KubeObject, live: KubeObject | null): ObjectDiff {
  if (live === null) return 'create'
  return mergePatch(desired, live) === null ? 'same' : 'update'
}

/**
 * The JSON merge patch that brings `live` to `desired`, with only what differs; null when nothing does. A list that
 * differs is replaced whole, for merge patches know no other way.
 */
export function mergePatch(desired: KubeObject, live: KubeObject): Record<string, unknown> | null {
  const { apiVersion: _version, kind: _kind, ...wanted } = keepData(desired, live)
  return (difference(wanted as Json, live as unknown as Json) as Record<string, unknown> | undefined) ?? null
}

/** What a merge patch makes of an object (RFC 7386). */
export function patched(live: KubeObject, patch: Record<string, unknown>): KubeObject {
  return merge(live as unknown as Json, patch as Json) as unknown as KubeObject
}

function merge(live: Json | undefined, patch: Json): Json {
  if (!isRecord(patch)) return patch
  const result = isRecord(live) ? { ...live } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merge(result[name], value)
  }
  return result
}

/** A merge patch that the API refuses with a conflict unless the object is still as it was read. */
export function unchangedSince(live: KubeObject, patch: Record<string, unknown>): Record<string, unknown> {
  const { uid, resourceVersion } = live.metadata
  return { ...patch, metadata: { ...(patch.metadata as object | undefined), uid, resourceVersion } }
}

function keepData(desired: KubeObject, live: KubeObject): KubeObject {
  if (desired.metadata.annotations?.[keepDataAnnotation] !== 'true') return desired
  return {
    ...desired,
    data: { ...(desired.data as object | undefined), ...(live.data as object | undefined) },
  }
}

/** The merge patch from live to desired; undefined when desired is a part of live. */
function difference(desired: Json, live: Json | undefined): Json | undefined {
  if (Array.isArray(desired)) return isPart(desired, live) ? undefined : desired
  if (!isRecord(desired)) return desired === live ? undefined : desired
  if (!isRecord(live)) return desired
  const changed = Object.entries(desired).flatMap(([name, value]): [string, Json][] => {
    const part = isAmounts(name) ? amountsDifference(value, live[name]) : difference(value, live[name])
    return part === undefined ? [] : [[name, part]]
  })
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}

function isPart(desired: Json[], live: Json | undefined): boolean {
  if (!Array.isArray(live) || live.length !== desired.length) return false
  return desired.every((item, index) => difference(item, live[index]) === undefined)
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields whose values are amounts of a resource. */
function isAmounts(field: string): boolean {
  return field === 'requests' || field === 'limits'
}

function amountsDifference(desired: Json, live: Json | undefined): Json | undefined {
  if (!isRecord(desired) || !isRecord(live)) return difference(desired, live)
  const changed = Object.entries(desired).filter(([name, value]) => !sameQuantity(value, live[name]))
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}

const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Whether two amounts of a resource are one: the server writes 0.15 as 150m. */
function sameQuantity(a: Json, b: Json | undefined): boolean {
  const [first, second] = [quantity(a), quantity(b)]
  return first !== null && second !== null && Math.abs(first - second) <= Math.abs(first) * 1e-9
}

function quantity(value: Json | undefined): number | null {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(value))
  return match === null ? null : Number(match[1]) * (suffixes[match[2] ?? ''] ?? Number.NaN)
}
