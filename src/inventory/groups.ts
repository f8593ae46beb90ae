import type { Problem } from './problems.js'
import type { GroupInput, InventoryInput } from './schema.js'
import type { Path, Source } from './source.js'
import type { GroupTree, Host } from './types.js'

type Level = Pick<GroupInput, 'hosts' | 'groups'>

/** Groups that stand for no host: a slip, or a leftover. */
export function emptyGroupProblems(tree: InventoryInput, source: Source): Problem[] {
  return emptyBelow(tree, [], source)
}

function emptyBelow({ groups = {} }: Level, path: Path, source: Source): Problem[] {
  return Object.entries(groups).flatMap(([name, group]) => {
    const own = [...path, 'groups', name]
    const size = Object.keys(group.hosts ?? {}).length + Object.keys(group.groups ?? {}).length
    if (size > 0) return emptyBelow(group, own, source)
    return [{ position: source.keyAt(own), message: `group "${name}" has neither hosts nor groups` }]
  })
}

/** The groups that hosts stand in, nested as their `groups` say. */
export function groupTree(hosts: readonly Host[]): GroupTree[] {
  const top: GroupTree = { name: '', groups: [], hosts: [] }
  for (const host of hosts) {
    let level = top
    for (const name of host.groups) {
      let next = level.groups.find((group) => group.name === name)
      if (next === undefined) {
        next = { name, groups: [], hosts: [] }
        level.groups.push(next)
      }
      level = next
    }
    level.hosts.push(host.name)
  }
  return top.groups
}
