import { isLeftover } from '../cluster/components.js'
import { isOurs } from '../cluster/ownership.js'
import { refOf } from '../cluster/types.js'
import { type Fleet, hasHub } from './fleet.js'
import type { PlanOptions } from './options.js'
import { heldUp } from './revert.js'

/** A revert that began and has not come to its end. */
export interface HalfReverted {
  /** Who holds the cluster's part up: hosts by inventory name, and nodes that the inventory lacks. */
  waitsFor: string[]
}

/**
 * Whether a revert is half done. A host tells by a journal that outlived its hub, or the newest record of a run on this
 * machine does: `unfinished` is that of a revert that did not come to its end, `done` that of one that did.
 */
export function halfReverted(
  fleet: Fleet,
  lastRevert: 'unfinished' | 'done' | undefined,
  options: PlanOptions,
): HalfReverted | undefined {
  if (!somethingStands(fleet, options)) return undefined
  const read = [...fleet.members, ...fleet.strays]
  const converted = read.some(({ facts }) => hasHub(facts, options.release))
  const begun =
    read.some(
      ({ facts }) => facts.state.journals.findLast(({ result }) => result !== 'undone')?.verb === 'revert',
    ) ||
    lastRevert === 'unfinished' ||
    (lastRevert === 'done' && !converted)
  if (!begun) return undefined
  return { waitsFor: heldUp(fleet, new Set(read.map(({ host }) => host.name)), options) }
}

/** Objects that a revert removes, or its labels. */
function somethingStands({ cluster }: Fleet, { release }: PlanOptions): boolean {
  const objects = Object.values(cluster.objects).filter((object) => object !== null)
  return (
    objects.some((object) => isOurs(object) || isLeftover(refOf(object))) ||
    cluster.nodes.some(({ labels }) => labels[release.edgeWorkerLabel] !== undefined)
  )
}
