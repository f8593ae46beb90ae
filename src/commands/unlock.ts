import { hostname } from 'node:os'
import { type Clock, systemClock } from '../cluster/clock.js'
import { breakLock, isRenewed, type LockState, readLock, unlockSeconds } from '../cluster/lock.js'
import { YurtSshError } from '../errors.js'
import { loadInventory } from '../inventory/load.js'
import { listRuns } from '../report/record-reader.js'
import { runOf } from './dead-runs.js'
import type { InventoryOptions } from './inventory.js'
import { openClusterOf } from './open-cluster.js'
import type { Listener } from './options.js'

export interface UnlockResult {
  /** Who held the lock; absent when nobody did. */
  broken?: LockState
}

export interface UnlockOptions extends InventoryOptions {
  kubeconfig?: string
  /** The folder of the records of runs, which tell whether a run of this machine is alive. */
  runs: string
}

/** Whom `unlock` tells and asks; `approve` is shown who holds the lock. */
export interface Unlocker extends Pick<Listener, 'signal' | 'tell'> {
  approve: (held: LockState) => Promise<boolean>
  clock?: Clock
}

/**
 * Takes the cluster's lock away from a run that is dead: one of this machine that its record knows to be, or one that does
 * not renew it in the time in which it would.
 * @throws YurtSshError LOCK_HELD where its holder is alive
 */
export async function unlock(given: UnlockOptions, unlocker: Unlocker): Promise<UnlockResult> {
  const { signal, tell, approve, clock = systemClock } = unlocker
  const inventory = await loadInventory(given.inventory, process.env, given.inventoryFormat)
  const cluster = await openClusterOf(inventory, given.kubeconfig)
  try {
    const held = await readLock(cluster, { signal })
    if (held === null || held.holder === '') return {}
    // a folder that machines share has records of which this one cannot tell
    const run = listRuns(given.runs).find(({ id, machine }) => id === runOf(held) && machine === hostname())
    if (run?.outcome === 'running') throw isAlive(held)
    if (run?.outcome !== 'lost') {
      tell(`watching for ${unlockSeconds} s whether ${held.holder} renews its lock`)
      if (await isRenewed(cluster, held, { seconds: unlockSeconds, clock, signal })) throw isAlive(held)
    }
    if (!(await approve(held))) throw new YurtSshError('USAGE_NOT_APPROVED', 'not approved; the lock stays')
    await breakLock(cluster, held)
    return { broken: held }
  } finally {
    cluster.close()
  }
}

function isAlive({ holder }: LockState): YurtSshError {
  return new YurtSshError('LOCK_HELD', `${holder} is alive: its lock stays`, {
    hint: 'let it end, or stop it there with Ctrl-C',
  })
}
