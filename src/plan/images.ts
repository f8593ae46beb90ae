import { askedFor } from '../cluster/components.js'
import type { Host } from '../inventory/types.js'
import { qualifiedImage } from '../releases/release.js'
import type { Workload } from '../releases/types.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'

/** Images that may run on a host once it is converted; the scheduler may put a component on any cloud node. */
export function neededImages(host: Host, controlPlane: boolean, options: PlanOptions): string[] {
  const { images } = options
  const needed = [
    ...(!controlPlane || host.hub ? flavourOf(options.release).images(options) : []),
    ...workloadsOn(host, options).map(({ image }) => images[image]),
  ]
  return needed.map(qualifiedImage)
}

/** What of the components that the options ask for may run on a host. */
export function workloadsOn({ role }: Host, options: PlanOptions): Workload[] {
  return askedFor(options.release, options).flatMap(({ workload }) =>
    workload?.runsOn === role ? [workload] : [],
  )
}
