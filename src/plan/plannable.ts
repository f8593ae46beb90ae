import type { Host } from '../inventory/types.js'
import type { HostFacts } from '../node/types.js'
import { planLifecycleOff, planLifecycleOn } from './controller-manager.js'
import { hubTransaction } from './host-convert.js'
import { planHostRevert } from './host-revert.js'
import type { PlanOptions } from './options.js'

/**
 * Whether a host's files can be planned from, so that one broken host does not end the planning of all.
 * @throws YurtSshError NODE_… what cannot be understood
 */
export function requirePlannable(
  verb: 'convert' | 'revert',
  { host, facts, controlPlane }: { host: Host; facts: HostFacts; controlPlane: boolean },
  options: PlanOptions,
): void {
  if (verb === 'revert') {
    planHostRevert(facts, options)
    planLifecycleOn(facts, [], options.adopt)
    return
  }
  if (!controlPlane || host.hub) hubTransaction(host, facts, options)
  planLifecycleOff(facts, options.release)
}
