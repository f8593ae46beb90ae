import pLimit from 'p-limit'
import { openCluster } from '../cluster/client.js'
import { removalOrder } from '../cluster/components.js'
import { gatherClusterFacts } from '../cluster/facts.js'
import type { Cluster } from '../cluster/types.js'
import { messageOf, YurtSshError } from '../errors.js'
import { loadInventory } from '../inventory/load.js'
import { selectHosts } from '../inventory/select.js'
import type { Host, Inventory } from '../inventory/types.js'
import { parseFacts } from '../node/facts.js'
import { factsScript } from '../node/facts-script.js'
import type { HostFacts } from '../node/types.js'
import { everyComponent } from '../plan/convert.js'
import { assembleFleet, type Belongings, type Fleet } from '../plan/fleet.js'
import { stalePods } from '../plan/host-revert.js'
import type { PlanOptions } from '../plan/options.js'
import { findRelease, qualifiedImage } from '../releases/release.js'
import { createPool } from '../ssh/pool.js'
import type { HostSession } from '../ssh/types.js'
import type { CommonOptions } from './options.js'

/** Connections to a fleet and what was found there; closed with `close`. */
export interface Site {
  inventory: Inventory
  /** Inventory names that --limit leaves. */
  selected: ReadonlySet<string>
  options: PlanOptions
  cluster: Cluster
  /** The host's session, opened anew when it was lost. */
  connect: (host: string) => Promise<HostSession>
  /** Reads hosts and cluster afresh; belongings only where they are asked for. */
  gather: (asks?: { belongings: boolean }) => Promise<Survey>
  gatherHost: (host: string) => Promise<HostFacts>
  close: () => void
}

export interface Survey {
  fleet: Fleet
  facts: ReadonlyMap<string, HostFacts>
  /** Why a host could not be read, by inventory name. */
  failures: ReadonlyMap<string, YurtSshError>
}

const factsTimeoutSeconds = 120

/** Loads the inventory and opens the API; hosts are connected to when they are first needed. */
export async function openSite(given: CommonOptions, signal: AbortSignal): Promise<Site> {
  const inventory = await loadInventory(given.inventory, process.env)
  const release = findRelease(given.release ?? inventory.release)
  const options: PlanOptions = {
    ...given.plan,
    release,
    images: { ...release.images, ...inventory.images, ...given.images },
  }
  const hosts = withCloudNodes(inventory.hosts, given.cloudNodes)
  const selected = new Set(selectHosts(hosts, given.limit).map((host) => host.name))
  const cluster = await openCluster({
    ...(inventory.kubeconfig === undefined ? {} : { kubeconfig: inventory.kubeconfig }),
    ...(inventory.context === undefined ? {} : { context: inventory.context }),
    ...(given.kubeconfig === undefined ? {} : { kubeconfig: given.kubeconfig }),
  })
  const pool = createPool()
  const byName = new Map(hosts.map((host) => [host.name, host]))
  const connect = (name: string): Promise<HostSession> => {
    const host = byName.get(name)
    if (host === undefined) throw new YurtSshError('INVENTORY_HOST', `${name} is not in the inventory`)
    return pool.session(host)
  }
  const gatherHost = (name: string): Promise<HostFacts> => readHost(connect, byName.get(name), options)
  return {
    inventory: { ...inventory, hosts },
    selected,
    options,
    cluster,
    connect,
    gatherHost,
    gather: (asks = { belongings: false }) =>
      gather(hosts, cluster, options, gatherHost, given.forks, signal, asks),
    close() {
      pool.close()
      cluster.close()
    },
  }
}

/** --cloud-nodes, as yurtctl has it: these nodes are cloud, every other one is edge. */
function withCloudNodes(hosts: readonly Host[], cloudNodes: readonly string[] | undefined): Host[] {
  if (cloudNodes === undefined) return [...hosts]
  const unknown = cloudNodes.filter((name) => !hosts.some((host) => host.node === name))
  if (unknown.length > 0)
    throw new YurtSshError('USAGE_CLOUD_NODES', `--cloud-nodes: not in the inventory: ${unknown.join(', ')}`)
  return hosts.map((host) => ({ ...host, role: cloudNodes.includes(host.node) ? 'cloud' : 'edge' }))
}

async function gather(
  hosts: readonly Host[],
  cluster: Cluster,
  options: PlanOptions,
  gatherHost: (name: string) => Promise<HostFacts>,
  forks: number,
  signal: AbortSignal,
  asks: { belongings: boolean },
): Promise<Survey> {
  const limit = pLimit(forks)
  const facts = new Map<string, HostFacts>()
  const failures = new Map<string, YurtSshError>()
  const readOne = async ({ name }: Host): Promise<void> => {
    try {
      signal.throwIfAborted()
      facts.set(name, await gatherHost(name))
    } catch (error) {
      failures.set(
        name,
        error instanceof YurtSshError
          ? error
          : new YurtSshError('HOST_FACTS', messageOf(error), { host: name, cause: error }),
      )
    }
  }
  const apiVersions = await cluster.apiVersions()
  const refs = removalOrder(everyComponent(apiVersions, options))
  const [clusterFacts] = await Promise.all([
    gatherClusterFacts(cluster, refs),
    ...hosts.map((host) => limit(readOne, host)),
  ])
  if (signal.aborted) throw new YurtSshError('INTERRUPTED', 'interrupted; nothing was touched')
  const belongings = asks.belongings ? await readBelongings(cluster, facts, apiVersions) : undefined
  return { fleet: assembleFleet(hosts, facts, clusterFacts, belongings), facts, failures }
}

const ownKinds = ['NodePool', 'UnitedDeployment']
const ownGroup = 'apps.openyurt.io/v1alpha1'

/** Pods are listed only where containers were found that hold a hub's address: a fleet has many. */
async function readBelongings(
  cluster: Cluster,
  facts: ReadonlyMap<string, HostFacts>,
  apiVersions: readonly string[],
): Promise<Belongings> {
  const stale = [...facts.values()].some((host) => stalePods(host).length > 0)
  const pods = stale ? await cluster.list('v1', 'Pod') : []
  const kinds = apiVersions.includes(ownGroup) ? ownKinds : []
  const custom = await Promise.all(kinds.map((kind) => cluster.list(ownGroup, kind)))
  return {
    podNames: new Map(
      pods.map(({ metadata }) => [metadata.uid ?? '', `${metadata.namespace}/${metadata.name}`]),
    ),
    customObjects: custom.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  }
}

async function readHost(
  connect: (name: string) => Promise<HostSession>,
  host: Host | undefined,
  options: PlanOptions,
): Promise<HostFacts> {
  if (host === undefined) throw new YurtSshError('INVENTORY_HOST', 'the host is not in the inventory')
  const { hub } = options.release
  const script = factsScript({
    node: host.node,
    images: [qualifiedImage(options.images.yurthub)],
    servers: host.serverAddr?.split(',') ?? [],
    ...(options.podManifestPath === undefined ? {} : { staticPodPath: options.podManifestPath }),
    ...(options.kubeadmConfPath === undefined ? {} : { kubeadmConfPath: options.kubeadmConfPath }),
    paths: {
      ourKubeconfig: hub.kubeconfig,
      openyurtDir: hub.openyurtDir,
      hubRoot: hub.root,
      hubCache: hub.cache,
    },
  })
  const session = await connect(host.name)
  const { status, stdout, stderr } = await session.run(script, { timeoutSeconds: factsTimeoutSeconds })
  if (status !== 0) {
    throw new YurtSshError('HOST_FACTS', `its state could not be read (status ${status})`, {
      host: host.name,
      detail: stderr.trim(),
    })
  }
  try {
    return parseFacts(stdout)
  } catch (error) {
    if (!(error instanceof YurtSshError)) throw error
    throw new YurtSshError(error.code, error.message, {
      host: host.name,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}
