import { shownObject } from '../cluster/shown.js'
import type { KubeObject } from '../cluster/types.js'
import { YurtSshError } from '../errors.js'
import { maskToken } from '../node/hub.js'

/** A result as JSON: errors as code, message, host, hint and detail; tokens and the data of Secrets masked. */
export function toJson(result: object): string {
  return JSON.stringify(
    result,
    (_key, value: unknown) => {
      if (value instanceof YurtSshError) {
        const { code, message, host, hint, detail } = value
        return { code, message, host, hint, detail }
      }
      if (isSecret(value)) return shownObject(value)
      return typeof value === 'string' ? maskToken(value) : value
    },
    2,
  )
}

/** A live Secret, such as one that a revert is about to delete. */
function isSecret(value: unknown): value is KubeObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'Secret' &&
    'metadata' in value
  )
}
