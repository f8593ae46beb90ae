import { nodeInfo } from '../cluster/nodes.js'
import type { ExitCode } from '../errors.js'
import { loadInventory } from '../inventory/load.js'
import type { GroupTree, Host, Inventory } from '../inventory/types.js'
import type { Check } from '../plan/checks.js'
import { inventoryChecks } from '../plan/preflight-inventory.js'
import { findRelease, newestRelease } from '../releases/release.js'
import { shownHost } from '../report/shown-hop.js'
import { openClusterOf } from './open-cluster.js'
import { exitCodeOfChecks } from './refusals.js'

export interface InventoryOptions {
  inventory: readonly string[]
  inventoryFormat?: 'native' | 'ansible'
}

export interface Validation {
  exitCode: ExitCode
  hosts: number
  /** What is set and not followed. */
  warnings: string[]
  /** Variables about something else. */
  unread: string[]
  /** Against the cluster; empty when that was not asked for. */
  checks: Check[]
}

/**
 * Checks the files alone, before any connection, then on request against the cluster's nodes.
 * @throws YurtSshError everything that is wrong with the files
 */
export async function validateInventory(
  options: InventoryOptions & { cluster: boolean; kubeconfig?: string },
): Promise<Validation> {
  const inventory = await loadInventory(options.inventory, process.env, options.inventoryFormat)
  const checks = options.cluster ? await checkAgainstCluster(inventory, options.kubeconfig) : []
  const { hosts, warnings, unread } = inventory
  return { exitCode: exitCodeOfChecks(checks), hosts: hosts.length, warnings, unread, checks }
}

async function checkAgainstCluster(inventory: Inventory, kubeconfig: string | undefined): Promise<Check[]> {
  const { hosts, release } = inventory
  const cluster = await openClusterOf(inventory, kubeconfig)
  try {
    const nodes = await cluster.list('v1', 'Node')
    const checked = release === undefined ? newestRelease : findRelease(release)
    return inventoryChecks(
      hosts,
      nodes.map((node) => nodeInfo(node)),
      checked,
    )
  } finally {
    cluster.close()
  }
}

export interface InventoryList {
  hosts: Host[]
  groups: GroupTree[]
  warnings: string[]
}

/** The hosts of an inventory with everything that counts for them, and the groups they stand in. */
export async function listInventory({
  inventory,
  inventoryFormat,
}: InventoryOptions): Promise<InventoryList> {
  const { hosts, groups, warnings } = await loadInventory(inventory, process.env, inventoryFormat)
  return { hosts: hosts.map(shownHost), groups, warnings }
}
