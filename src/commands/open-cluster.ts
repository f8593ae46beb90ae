import { openCluster } from '../cluster/client.js'
import type { Cluster } from '../cluster/types.js'
import type { Inventory } from '../inventory/types.js'

/** The cluster that an inventory names; a kubeconfig that was given takes the place of its own. */
export function openClusterOf(
  { kubeconfig: own, context }: Pick<Inventory, 'kubeconfig' | 'context'>,
  given?: string,
): Promise<Cluster> {
  const kubeconfig = given ?? own
  return openCluster({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
}
