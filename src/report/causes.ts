import { groupBy, shapeOf } from './alike.js'
import type { ReportedHost } from './summary.js'

/** What a host failed with. */
export interface Failure {
  host: string
  node: string
  error: { code: string; message: string }
}

/** Failures of one cause: the same code, and a message that differs in names and numbers only. The largest first. */
export function causesOf<T extends Failure>(failures: readonly T[]): T[][] {
  return groupBy(failures, causeOf).sort((a, b) => b.length - a.length)
}

/** Every failure of a report's hosts; a host that failed in two phases has two. */
export function failuresOf(hosts: readonly ReportedHost[]) {
  return hosts.flatMap(({ name, node, errors }) => errors.map((error) => ({ host: name, node, error })))
}

function causeOf({ host, node, error }: Failure): string {
  return `${error.code} ${shapeOf(error.message, [host, node])}`
}
