import { YurtSshError } from '../errors.js'
import { maskToken } from '../node/hub.js'

/** A result as JSON: errors as code, message, host, hint and detail; tokens masked. */
export function toJson(result: object): string {
  return JSON.stringify(
    result,
    (_key, value: unknown) => {
      if (value instanceof YurtSshError) {
        const { code, message, host, hint, detail } = value
        return { code, message, host, hint, detail }
      }
      return typeof value === 'string' ? maskToken(value) : value
    },
    2,
  )
}
