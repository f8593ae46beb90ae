import { type Graph, type Group, groupsAround } from './graph.js'
import type { Layer, Statement, Variable } from './statements.js'

export type Variables = ReadonlyMap<string, Variable>

interface Store {
  groups: Record<Layer, Map<string, Map<string, Variable>>>
  hosts: Record<Layer, Map<string, Map<string, Variable>>>
}

/**
 * What counts for a host, by its name, of the variables that `wanted` names. Ansible's order, the later ones over the
 * earlier: groups in the inventory, group_vars/all, other group_vars, the host in the inventory, host_vars; among groups
 * the outer ones first, then by ansible_group_priority, then by name.
 */
export function createVariables(
  statements: readonly Statement[],
  graph: Graph,
  wanted: ReadonlySet<string>,
): (host: string) => Variables {
  const store = fill(statements, wanted)
  const priority = ({ name }: Group) => {
    const value = Number(store.groups.inventory.get(name)?.get('ansible_group_priority')?.value ?? 1)
    return Number.isNaN(value) ? 1 : value
  }
  return (host) => {
    const groups = groupsAround(host, graph).toSorted(
      (a, b) => a.depth - b.depth || priority(a) - priority(b) || (a.name < b.name ? -1 : 1),
    )
    // `all` is the outermost one: its file comes before those of other groups by that alone
    return new Map(
      [
        ...groups.map(({ name }) => store.groups.inventory.get(name)),
        ...groups.map(({ name }) => store.groups.file.get(name)),
        store.hosts.inventory.get(host),
        store.hosts.file.get(host),
      ].flatMap((variables) => [...(variables ?? [])]),
    )
  }
}

function fill(statements: readonly Statement[], wanted: ReadonlySet<string>): Store {
  const store: Store = {
    groups: { inventory: new Map(), file: new Map() },
    hosts: { inventory: new Map(), file: new Map() },
  }
  const set = (owners: Map<string, Map<string, Variable>>, owner: string, variable: Variable): void => {
    if (!wanted.has(variable.key)) return
    const own = owners.get(owner) ?? new Map<string, Variable>()
    owners.set(owner, own.set(variable.key, variable))
  }
  for (const statement of statements) {
    if (statement.kind === 'group-variable')
      set(store.groups[statement.layer], statement.group, statement.variable)
    if (statement.kind === 'host-variable')
      set(store.hosts[statement.layer], statement.host, statement.variable)
  }
  return store
}
