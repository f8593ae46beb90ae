import type { Deletion } from './deletion.js'
import { conflict } from './failure.js'
import type { ApiObject, JsonRecord } from './object.js'
import type { Target } from './route.js'

interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: NonNullable<Deletion['propagation']>
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** What a DELETE asks for, in its body or its query. @throws ApiFailure 409 when a precondition does not hold */
export function deletionOf(
  live: ApiObject,
  { resource }: Target,
  body: JsonRecord,
  query: URLSearchParams,
  now: number,
): Deletion {
  const { preconditions = {}, propagationPolicy, gracePeriodSeconds } = body as DeleteOptions
  const { name, uid, resourceVersion } = live.metadata
  for (const [field, text, is] of [
    ['uid', 'UID', uid],
    ['resourceVersion', 'ResourceVersion', resourceVersion],
  ] as const) {
    const wanted = preconditions[field]
    if (wanted !== undefined && wanted !== is) {
      const why = `Precondition failed: ${text} in precondition: ${wanted}, ${text} in object meta: ${is}`
      throw conflict(resource, name, why)
    }
  }
  const grace = gracePeriodSeconds ?? query.get('gracePeriodSeconds')
  const propagation = propagationPolicy ?? (query.get('propagationPolicy') as Deletion['propagation'] | null)
  return {
    now,
    ...(grace === null ? {} : { graceSeconds: Number(grace) }),
    ...(propagation ? { propagation } : {}),
  }
}
