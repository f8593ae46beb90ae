import { maskToken } from '../node/hub.js'
import type { KubeObject } from './types.js'

const mask = '********'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * An object as it may be shown and kept: without what the server writes into it by itself, the values of a Secret and
 * every bootstrap token masked. A Secret's value that `before` has otherwise is marked.
 */
export function shownObject(object: KubeObject, before: KubeObject | null = null): KubeObject {
  const { status: _, ...rest } = object
  const { resourceVersion, uid, creationTimestamp, deletionTimestamp, ...metadata } = rest.metadata
  const own = Object.entries({
    ...metadata,
    generation: undefined,
    managedFields: undefined,
    selfLink: undefined,
  })
  const shown: KubeObject = {
    ...rest,
    metadata: Object.fromEntries(own.filter(([, value]) => value !== undefined)) as KubeObject['metadata'],
  }
  const { annotations } = metadata
  if (annotations?.[lastApplied] !== undefined) {
    const { [lastApplied]: _applied, ...others } = annotations
    shown.metadata.annotations = others
  }
  if (object.kind === 'Secret') {
    for (const field of ['data', 'stringData']) {
      if (field in shown) shown[field] = masked(object[field], before?.[field])
    }
  }
  return withoutTokens(shown)
}

function masked(values: unknown, before: unknown): Record<string, string> {
  const known = (before ?? values ?? {}) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries((values ?? {}) as Record<string, unknown>).map(([key, value]) => [
      key,
      known[key] === value ? mask : `${mask} (changed)`,
    ]),
  )
}

function withoutTokens<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? maskToken(part) : part,
  ) as T
}
