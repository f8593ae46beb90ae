import { isRecord, type Json, type JsonRecord } from './object.js'

/**
 * Lists whose items have a key of their own, by field name, as the Kubernetes API types mark them
 * (patchMergeKey). All other lists are replaced whole, tolerations and taints among them.
 */
const mergeKeys: Record<string, readonly string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  addresses: ['type'],
  ownerReferences: ['uid'],
  hostAliases: ['ip'],
  podIPs: ['ip'],
  secrets: ['name'],
  webhooks: ['name'],
}

/** Lists of plain values that are sets. */
export const setLists: ReadonlySet<string> = new Set(['finalizers'])

/** The key of a list's items; undefined for a list that is one value. Every item must have the key. */
export function mergeKeyOf(field: string, ...lists: (Json | undefined)[]): string | undefined {
  const items = lists.flatMap((list) => (Array.isArray(list) ? list : []))
  return mergeKeys[field]?.find((key) => items.every((item) => isRecord(item) && item[key] !== undefined))
}

export function itemWith(
  list: Json | undefined,
  key: string,
  value: Json | undefined,
): JsonRecord | undefined {
  const items = Array.isArray(list) ? list.filter(isRecord) : []
  return items.find((item) => item[key] === value)
}
