import type { Cluster } from '../cluster/types.js'
import { YurtSshError } from '../errors.js'
import { readLimitFiles } from '../inventory/limit.js'
import { loadInventory } from '../inventory/load.js'
import { selectHosts } from '../inventory/select.js'
import type { Host, Inventory } from '../inventory/types.js'
import type { PlanOptions } from '../plan/options.js'
import { findRelease, newestRelease } from '../releases/release.js'
import type { ReadingEvent } from '../report/reading.js'
import { createPool } from '../ssh/pool.js'
import { holdSecretVariables } from '../ssh/secret-variables.js'
import type { HostSession } from '../ssh/types.js'
import { counted } from '../words.js'
import { openClusterOf } from './open-cluster.js'
import type { CommonOptions, Listener } from './options.js'
import { sshWarnings } from './ssh-warnings.js'

/** Connections to a fleet and what was found there; closed with `close`. */
export interface Site {
  inventory: Inventory
  /** Inventory names that --limit leaves. */
  selected: ReadonlySet<string>
  options: PlanOptions
  cluster: Cluster
  /** The host's session, opened anew when it was lost; `signal` ends the wait for it. */
  connect: (host: string, signal?: AbortSignal) => Promise<HostSession>
  /** Closes the host's session, where there is one; it can be connected to again. */
  leave: (host: string) => void
  forks: number
  /** Is told how the reading of facts goes. */
  reading: (event: ReadingEvent) => void
  /** What the operator should hear before anything else, every time. */
  warnings: string[]
  close: () => void
}

/** Loads the inventory and opens the API; hosts are connected to when they are first needed. */
export async function openSite(
  given: CommonOptions,
  { tell, askSecret, reading = () => undefined }: Listener,
): Promise<Site> {
  const inventory = await loadInventory(given.inventory, process.env, given.inventoryFormat)
  const named = given.release ?? inventory.release
  if (named === undefined) {
    throw new YurtSshError('USAGE_RELEASE', 'the inventory names no OpenYurt release', {
      hint: `give --openyurt-version ${newestRelease.name}, or a file with \`openyurt: { release: ${newestRelease.name} }\` as one more -i`,
    })
  }
  const release = findRelease(named)
  const options: PlanOptions = {
    ...given.plan,
    release,
    images: { ...release.images, ...inventory.images, ...given.images },
  }
  const hosts = withCloudNodes(inventory.hosts, given.cloudNodes).map((host) =>
    given.askBecomePass ? { ...host, ssh: { sudoPassword: 'ask' as const, ...host.ssh } } : host,
  )
  const files = await readLimitFiles(given.limit)
  const selected = new Set(selectHosts(hosts, given.limit, files).map((host) => host.name))
  const cluster = await openClusterOf(inventory, given.kubeconfig)
  const variables = holdSecretVariables(hosts)
  const pool = createPool({ tell, askSecret, env: variables.values })
  const byName = new Map(hosts.map((host) => [host.name, host]))
  const connect = (name: string, signal?: AbortSignal): Promise<HostSession> => {
    const host = byName.get(name)
    if (host === undefined) throw new YurtSshError('INVENTORY_HOST', `${name} is not in the inventory`)
    return pool.session(host, signal)
  }
  return {
    inventory: { ...inventory, hosts },
    selected,
    options,
    cluster,
    connect,
    leave: pool.drop,
    forks: given.forks,
    reading,
    warnings: [...notFollowed(inventory), ...sshWarnings(hosts)],
    close() {
      pool.close()
      cluster.close()
      variables.giveBack()
    },
  }
}

function notFollowed({ warnings, unread }: Inventory): string[] {
  const lines = warnings.map((line) => `WARNING: ${line}`)
  if (unread.length === 0) return lines
  return [
    ...lines,
    `${counted(unread.length, 'variable')} of the inventory ${unread.length === 1 ? 'is' : 'are'} not read: \`inventory validate\` lists them`,
  ]
}

/** --cloud-nodes, as yurtctl has it: these nodes are cloud, every other one is edge. */
export function withCloudNodes(hosts: readonly Host[], cloudNodes: readonly string[] | undefined): Host[] {
  if (cloudNodes === undefined) return [...hosts]
  const unknown = cloudNodes.filter((name) => !hosts.some((host) => host.node === name))
  if (unknown.length > 0)
    throw new YurtSshError('USAGE_CLOUD_NODES', `--cloud-nodes: not in the inventory: ${unknown.join(', ')}`)
  return hosts.map((host) => ({ ...host, role: cloudNodes.includes(host.node) ? 'cloud' : 'edge' }))
}
