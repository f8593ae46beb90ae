import { checkShape } from './check.js'
import { duplicateProblems } from './duplicates.js'
import { emptyGroupProblems, groupTree } from './groups.js'
import { mergeSources } from './merge.js'
import { inventoryError, refuse } from './problems.js'
import { resolveHosts } from './resolve.js'
import { absolutePath, type Surroundings } from './settings.js'
import type { Source } from './source.js'
import type { GroupTree, Inventory } from './types.js'

/** What an inventory of another tool has beside its hosts' settings. */
export interface Foreign {
  /** Names of the groups around a host, outermost first, by the host's name. */
  groupsOf: ReadonlyMap<string, string[]>
  groups: GroupTree[]
  warnings: string[]
  unread: string[]
}

/**
 * The inventory that sources come to, the later ones over the earlier. Without a foreign one a release must be named.
 * @throws YurtSshError INVENTORY_INVALID, or INVENTORY_HUB_ARGS if nothing but hub arguments is wrong. Its message lists
 * every problem of the first kind found: shape and values of each source, then of all together, then what spans hosts.
 */
export function buildInventory(
  file: string,
  sources: readonly Source[],
  surroundings: Surroundings,
  foreign?: Foreign,
): Inventory {
  const source = mergeSources(sources)
  if (sources.length > 1)
    refuse(
      sources.flatMap((part) => checkShape(part, 'part').problems),
      source.mask,
    )
  const { tree, problems } = checkShape(source, foreign === undefined ? 'whole' : 'part')
  if (tree === undefined) throw inventoryError(problems, source.mask)

  const resolved = resolveHosts(tree, source, surroundings)
  const hosts = resolved.hosts.map((host) => ({
    ...host,
    groups: foreign?.groupsOf.get(host.name) ?? host.groups,
  }))
  refuse(
    [...resolved.problems, ...emptyGroupProblems(tree, source), ...duplicateProblems(hosts)],
    source.mask,
  )
  if (hosts.length === 0) refuse([{ position: source.valueAt([]), message: 'the inventory has no hosts' }])
  const { kubeconfig, context } = tree.cluster ?? {}
  const { release, images = {} } = tree.openyurt ?? {}
  return {
    file,
    ...(kubeconfig && { kubeconfig: absolutePath(kubeconfig, surroundings) }),
    ...(context && { context }),
    ...(release && { release }),
    images,
    hosts,
    groups: [...(foreign?.groups ?? []), ...groupTree(resolved.hosts)],
    warnings: foreign?.warnings ?? [],
    unread: foreign?.unread ?? [],
  }
}
