import { type Component, removalOrder } from '../cluster/components.js'
import { gatherClusterFacts } from '../cluster/facts.js'
import { lastingTokens } from '../cluster/token.js'
import type { Trials } from '../cluster/trial.js'
import { type Cluster, type ClusterFacts, refKey, refOf } from '../cluster/types.js'
import { messageOf, YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import type { HostFacts } from '../node/types.js'
import { everyComponent } from '../plan/convert.js'
import { assembleFleet, type Belongings, type Fleet } from '../plan/fleet.js'
import { stalePods } from '../plan/host-revert.js'
import { neededImages } from '../plan/images.js'
import type { PlanOptions } from '../plan/options.js'
import { requirePlannable } from '../plan/plannable.js'
import { yurtctlLock } from '../plan/revert.js'
import type { HostSession } from '../ssh/types.js'
import { readHost } from './host-facts.js'
import { createPlaces } from './places.js'
import { createShare } from './share.js'
import type { Site } from './site.js'
import { tryConversion } from './try-conversion.js'

export interface Survey {
  fleet: Fleet
  facts: ReadonlyMap<string, HostFacts>
  /** Why a host could not be read, by inventory name. */
  failures: ReadonlyMap<string, YurtSshError>
  /** What the API server would refuse, where it was asked. */
  trials?: Trials
}

/** What a command wants to know. */
export interface Asks {
  /** Every host of the inventory, or only those that --limit leaves and the control plane. */
  hosts: 'all' | 'selected'
  /** What users have in the cluster. */
  belongings: boolean
  /** What the API server would refuse of a conversion. */
  trials?: boolean
  /** A host that cannot be planned for counts as not understood. */
  plannable?: 'convert' | 'revert'
}

/**
 * Reads the cluster, then its hosts. Hosts that cannot be read are among the failures, and so are the `spoilt` ones,
 * which are not read.
 */
export async function gather(
  site: Site,
  asks: Asks,
  signal: AbortSignal,
  spoilt: ReadonlyMap<string, YurtSshError> = new Map(),
): Promise<Survey> {
  const { cluster, options, inventory, selected } = site
  const apiVersions = await cluster.apiVersions({ signal })
  const refs = [
    ...removalOrder(everyComponent(apiVersions, options)),
    ...(options.adopt ? [yurtctlLock] : []),
  ]
  const clusterFacts = await gatherClusterFacts(cluster, refs, { signal })
  const masters = controlPlaneNodes(clusterFacts)
  const wanted = inventory.hosts.filter(
    ({ name, node }) => asks.hosts === 'all' || selected.has(name) || masters.has(node),
  )
  const facts = new Map<string, HostFacts>()
  const failures = new Map(spoilt)
  const share = createShare()
  const places = createPlaces(site.forks)
  const connect = (host: Host): Promise<HostSession> => {
    signal.throwIfAborted()
    site.reading({ type: 'host', host: host.name, at: 'connecting' })
    return site.connect(host.name, signal)
  }
  const read = async (host: Host, session: HostSession): Promise<void> => {
    site.reading({ type: 'host', host: host.name, at: 'reading' })
    const controlPlane = masters.has(host.node)
    const found = await readHost(session, host, neededImages(host, controlPlane, options), options)
    if (asks.plannable !== undefined)
      requirePlannable(asks.plannable, { host, facts: found, controlPlane }, options)
    facts.set(host.name, share(found))
  }
  const readOne = async (host: Host): Promise<void> => {
    try {
      await places(
        async () => connect(host),
        (session) => read(host, session),
      )
    } catch (error) {
      failures.set(host.name, asYurtSshError(error, host.name))
    }
    site.reading({ type: 'host', host: host.name, at: 'read' })
  }
  const toRead = wanted.filter(({ name }) => !spoilt.has(name))
  site.reading({ type: 'begin', hosts: toRead.length })
  try {
    await Promise.all(toRead.map(readOne))
  } finally {
    site.reading({ type: 'end' })
  }
  if (signal.aborted) throw new YurtSshError('INTERRUPTED', 'interrupted; nothing was touched')
  const belongings = asks.belongings ? await readBelongings(cluster, facts, clusterFacts, options) : undefined
  const fleet = assembleFleet(inventory.hosts, wanted, facts, clusterFacts, belongings)
  const trials = asks.trials ? await tryConversion(site, fleet, signal) : undefined
  return { fleet, facts, failures, ...(trials === undefined ? {} : { trials }) }
}

function controlPlaneNodes({ nodes }: ClusterFacts): ReadonlySet<string> {
  return new Set(nodes.filter(({ controlPlane }) => controlPlane).map(({ name }) => name))
}

function asYurtSshError(error: unknown, host: string): YurtSshError {
  return error instanceof YurtSshError
    ? error
    : new YurtSshError('HOST_FACTS', messageOf(error), { host, cause: error })
}

/** Pods are listed only where containers were found that hold a hub's address: a fleet has many. */
async function readBelongings(
  cluster: Cluster,
  facts: ReadonlyMap<string, HostFacts>,
  { apiVersions, objects }: ClusterFacts,
  options: PlanOptions,
): Promise<Belongings> {
  const { release, restartPods, adopt } = options
  const stale = [...facts.values()].some((host) => stalePods(host, release.hub).length > 0)
  const pods = stale || restartPods ? await cluster.list('v1', 'Pod') : []
  const own = release.components.flatMap(({ kinds }) => kinds ?? [])
  const lists = own.flatMap(({ group, version, kinds }) => {
    const apiVersion = `${group}/${version}`
    return apiVersions.includes(apiVersion) ? kinds.map(({ kind }) => cluster.list(apiVersion, kind)) : []
  })
  const custom = await Promise.all(lists)
  return {
    podNames: new Map(
      pods.map(({ metadata }) => [metadata.uid ?? '', `${metadata.namespace}/${metadata.name}`]),
    ),
    lastingTokens: adopt ? await lastingTokens(cluster) : [],
    customObjects: custom.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    lonePods: await lonePods(cluster, everyComponent(apiVersions, options), objects),
  }
}

/** Pods are asked for only where a component has no object left: the others are waited for in any case. */
async function lonePods(
  cluster: Cluster,
  components: readonly Component[],
  objects: ClusterFacts['objects'],
): Promise<Belongings['lonePods']> {
  const bare = components.filter((component) =>
    component.objects.every((object) => (objects[refKey(refOf(object))] ?? null) === null),
  )
  const states = new Map<string, 'ending' | 'running'>()
  const ask = async ({ pods: labelSelector }: Component): Promise<void> => {
    if (labelSelector === undefined) return
    const pods = await cluster.list('v1', 'Pod', { namespace: 'kube-system', labelSelector })
    if (pods.length === 0) return
    const ending = pods.every(({ metadata }) => metadata.deletionTimestamp !== undefined)
    states.set(labelSelector, ending ? 'ending' : 'running')
  }
  await Promise.all(bare.map(ask))
  return states
}
