import type { Check } from '../plan/checks.js'
import type { LeftOut } from '../report/record-format.js'
import { leftOutPrefix } from './refusals.js'
import type { Site } from './site.js'

/** Hosts that a run goes on without, and why: by what the operator said, then those that could not be worked. */
export function hostsLeftOut(
  { inventory, selected, options }: Pick<Site, 'inventory' | 'selected' | 'options'>,
  { checks, leftOut }: { checks: readonly Check[]; leftOut: readonly string[] },
): LeftOut[] {
  const behind = new Set(options.leaveBehind)
  const unfit = new Set(leftOut)
  return inventory.hosts.flatMap(({ name }): LeftOut[] => {
    if (behind.has(name)) return [{ host: name, why: '--leave-behind' }]
    if (!selected.has(name)) return [{ host: name, why: 'not in --limit' }]
    return unfit.has(name) ? [{ host: name, why: reasonOf(name, checks) }] : []
  })
}

function reasonOf(name: string, checks: readonly Check[]): string {
  const reasons = checks
    .filter(({ host, message }) => host === name && message.startsWith(leftOutPrefix))
    .map(({ message }) => message.slice(leftOutPrefix.length))
  return [...new Set(reasons)].join('; ')
}
