import { type Graph, type Group, groupsAround } from './graph.js'
import type { Statement, Variable } from './statements.js'

export type Variables = ReadonlyMap<string, Variable>

/** Variables by their names, by owner, and by layer. */
type Store = Map<string, Map<string, Variable>>[]

/**
 * What counts for a host, by its name, of the variables that `wanted` names. Ansible's order, the later ones over the
 * earlier: groups in the inventory, group_vars/all, other group_vars folder by folder, the host in the inventory,
 * host_vars; among groups the outer ones first, then by ansible_group_priority, then by name.
 */
export function createVariables(
  statements: readonly Statement[],
  graph: Graph,
  wanted: ReadonlySet<string>,
): (host: string) => Variables {
  const { groups: groupStore, hosts: hostStore } = fill(statements, wanted)
  const [inventory, ...folders] = groupStore
  const priority = ({ name }: Group) => {
    const value = Number(inventory?.get(name)?.get('ansible_group_priority')?.value ?? 1)
    return Number.isNaN(value) ? 1 : value
  }
  return (host) => {
    const names = groupsAround(host, graph)
      .toSorted((a, b) => a.depth - b.depth || priority(a) - priority(b) || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name)
    const inner = names.filter((name) => name !== 'all')
    const layers = [
      ...names.map((name) => inventory?.get(name)),
      ...folders.map((folder) => folder.get('all')),
      ...folders.flatMap((folder) => inner.map((name) => folder.get(name))),
      ...hostStore.map((layer) => layer.get(host)),
    ]
    return new Map(layers.flatMap((variables) => [...(variables ?? [])]))
  }
}

function fill(
  statements: readonly Statement[],
  wanted: ReadonlySet<string>,
): { groups: Store; hosts: Store } {
  const last = Math.max(0, ...new Set(statements.map((s) => ('layer' in s ? s.layer : 0))))
  const empty = (): Store => Array.from({ length: last + 1 }, () => new Map())
  const [groups, hosts] = [empty(), empty()]
  const set = (owners: Store[number] | undefined, owner: string, variable: Variable): void => {
    if (owners === undefined || !wanted.has(variable.key)) return
    const own = owners.get(owner) ?? new Map<string, Variable>()
    owners.set(owner, own.set(variable.key, variable))
  }
  for (const statement of statements) {
    if (statement.kind === 'group-variable') set(groups[statement.layer], statement.group, statement.variable)
    if (statement.kind === 'host-variable') set(hosts[statement.layer], statement.host, statement.variable)
  }
  return { groups, hosts }
}
