import type { GroupTree } from '../types.js'
import type { Graph, Group } from './graph.js'

/** The groups as they stand in each other, with the hosts that are listed; groups without any are left out. */
export function treeOf({ groups }: Graph, listed: ReadonlySet<string>): GroupTree[] {
  // A group may stand in many others, each of which may: made once, however many ways lead there.
  const known = new Map<string, GroupTree>()
  const branch = (group: Group): GroupTree => {
    const tree = known.get(group.name) ?? {
      name: group.name,
      groups: below([...group.children].flatMap((name) => groups.get(name) ?? [])),
      hosts: [...group.hosts].filter((host) => listed.has(host)),
    }
    known.set(group.name, tree)
    return tree
  }
  const below = (inner: readonly Group[]) =>
    inner.map(branch).filter((tree) => tree.hosts.length > 0 || tree.groups.length > 0)
  const top = [...groups.values()].filter(
    ({ name, parents }) =>
      name !== 'all' && name !== 'ungrouped' && [...parents].every((parent) => parent === 'all'),
  )
  return below(top)
}
