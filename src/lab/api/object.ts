import type { KubeObject } from '../../cluster/types.js'

export type Json = null | boolean | number | string | Json[] | JsonRecord
export interface JsonRecord {
  [key: string]: Json
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonRecord
}

/** An object as the API server keeps it. One that is stored is never changed in place. */
export interface ApiObject extends KubeObject {
  metadata: KubeObject['metadata'] & {
    generateName?: string
    generation?: number
    finalizers?: string[]
    ownerReferences?: OwnerReference[]
    managedFields?: ManagedFields[]
    deletionGracePeriodSeconds?: number
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two values are the same JSON; the order of keys does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  if (!isRecord(a) || !isRecord(b)) return a === b
  const defined = (record: JsonRecord) => Object.keys(record).filter((key) => record[key] !== undefined)
  const keys = defined(a)
  return keys.length === defined(b).length && keys.every((key) => sameJson(a[key], b[key]))
}

/** A time as Kubernetes writes it: whole seconds. */
export function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

/** A Kubernetes MicroTime, as Leases hold it: exactly six digits. */
export function microTimeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z')
}
