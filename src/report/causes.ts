import type { RecordedError } from './record-format.js'
import type { ReportedHost } from './summary.js'

/** Failures that read the same but for names and numbers. */
export interface Cause {
  code: string
  message: string
  hint: string
  failures: { host: string; error: RecordedError }[]
}

/** Failures by cause, the most frequent first. */
export function causesOf(hosts: readonly ReportedHost[]): Cause[] {
  const causes = new Map<string, Cause>()
  for (const { name, node, errors } of hosts) {
    for (const error of errors) {
      const shape = error.message.replaceAll(name, '').replaceAll(node, '').replace(/\d+/g, '0')
      const key = `${error.code}\n${shape}`
      const cause = causes.get(key) ?? {
        code: error.code,
        message: error.message,
        hint: error.hint ?? '',
        failures: [],
      }
      cause.failures.push({ host: name, error })
      causes.set(key, cause)
    }
  }
  return [...causes.values()].sort((a, b) => b.failures.length - a.failures.length)
}
