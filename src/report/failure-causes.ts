import type { YurtSshError } from '../errors.js'
import type { HostResult } from '../rollout/host.js'
import { groupBy } from './alike.js'

export type FailedHost = HostResult & { error: YurtSshError }

/** Failures of one cause: the same code, and a message that differs in names and numbers only. The largest first. */
export function failureCauses(hosts: readonly HostResult[]): FailedHost[][] {
  const failed = hosts.filter((result): result is FailedHost => result.error !== undefined)
  return groupBy(failed, causeOf).sort((a, b) => b.length - a.length)
}

function causeOf({ host, node, error }: FailedHost): string {
  const names = [...new Set([host, node])].sort((a, b) => b.length - a.length)
  const shape = names.reduce((text, name) => text.replaceAll(name, '<host>'), error.message)
  return `${error.code} ${shape.replace(/\d+/g, '0')}`
}
