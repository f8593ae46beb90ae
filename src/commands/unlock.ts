import { openCluster } from '../cluster/client.js'
import { breakLock, type LockState, readLock } from '../cluster/lock.js'
import { YurtSshError } from '../errors.js'
import { loadInventory } from '../inventory/load.js'
import type { InventoryOptions } from './inventory.js'

export interface UnlockResult {
  /** Who held the lock; absent when nobody did. */
  broken?: LockState
}

/** Takes the cluster's lock away from its holder, after `approve` was shown who that is. */
export async function unlock(
  { inventory: paths, inventoryFormat }: InventoryOptions,
  approve: (held: LockState) => Promise<boolean>,
): Promise<UnlockResult> {
  const inventory = await loadInventory(paths, process.env, inventoryFormat)
  const cluster = await openCluster({
    ...(inventory.kubeconfig === undefined ? {} : { kubeconfig: inventory.kubeconfig }),
    ...(inventory.context === undefined ? {} : { context: inventory.context }),
  })
  try {
    const held = await readLock(cluster)
    if (held === null) return {}
    if (!(await approve(held))) throw new YurtSshError('USAGE_NOT_APPROVED', 'not approved; the lock stays')
    await breakLock(cluster, held)
    return { broken: held }
  } finally {
    cluster.close()
  }
}
