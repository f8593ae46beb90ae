import { getSystemErrorMap } from 'node:util'
import { messageOf } from '../errors.js'

/** What a code means, in the system's words, such as `connection reset by peer`. */
const words: ReadonlyMap<string, string> = new Map([...getSystemErrorMap().values()])

/** An error's message; of one that Node.js made of a system call, what its code means, without paths and names of calls. */
export function systemWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return (
    words.get(code) ??
    (code === 'ERR_INVALID_ARG_VALUE' ? 'it has a character that no path can have' : messageOf(error))
  )
}
