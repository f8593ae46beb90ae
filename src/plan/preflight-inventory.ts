import type { NodeInfo } from '../cluster/types.js'
import { didYouMean } from '../inventory/nearest.js'
import { formatPosition } from '../inventory/problems.js'
import type { Host } from '../inventory/types.js'
import type { Release } from '../releases/types.js'
import { type Check, createChecks, type Expect } from './checks.js'

/** What the API alone tells of an inventory: no host is connected to. */
export function inventoryChecks(
  hosts: readonly Host[],
  nodes: readonly NodeInfo[],
  release: Release,
): Check[] {
  const { list, expect } = createChecks()
  membershipChecks(hosts, new Set(hosts.map(({ name }) => name)), nodes, release, expect)
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const masters = hosts.filter(({ node }) => byName.get(node)?.controlPlane)
  expect('ControlPlane', masters.length > 0, {
    ok: `control plane on ${masters.map(({ name }) => name).join(', ')}`,
    failed: 'no host of the inventory is a control-plane node',
    hint: 'yurt-ssh must switch the node lifecycle over on every control-plane host: list them all',
  })
  const edge = masters.filter(({ role }) => role === 'edge')
  expect('ControlPlaneRole', edge.length === 0, {
    ok: 'control-plane hosts are cloud hosts',
    failed: `control-plane hosts with role edge: ${edge.map(placed).join(', ')}`,
    hint: 'give them role cloud',
  })
  const labels = { cloud: 'true', edge: 'false' }
  const contrary = hosts.filter(
    ({ node, role }) => byName.get(node)?.labels[release.edgeWorkerLabel] === labels[role],
  )
  expect('RoleLabel', contrary.length === 0, {
    warning: true,
    ok: 'no label of a node says otherwise than its role',
    failed: `${release.edgeWorkerLabel} says otherwise: ${contrary.map((host) => `${placed(host)} is ${host.role}`).join(', ')}`,
    hint: 'an earlier conversion had these hosts in the other role',
  })
  return list
}

/** Whether the hosts of the inventory and the nodes of the cluster are the same machines; a host left out need not be one. */
export function membershipChecks(
  hosts: readonly Host[],
  selected: ReadonlySet<string>,
  nodes: readonly NodeInfo[],
  { lifecycle }: Release,
  expect: Expect,
): void {
  const names = new Set(nodes.map((node) => node.name))
  const listed = new Set(hosts.map((host) => host.node))
  const unlisted = [...names].filter((name) => !listed.has(name))
  expect('NodesInInventory', unlisted.length === 0, {
    ok: 'every node is in the inventory',
    failed: `in the cluster but not in the inventory: ${unlisted.join(', ')}`,
    hint: `with the stock node lifecycle off, these nodes are watched by ${lifecycle.owner} too: list them`,
  })
  const strange = hosts.filter((host) => selected.has(host.name) && !names.has(host.node))
  const unknown = strange.map(
    (host) =>
      `${host.name} (node ${host.node}) at ${formatPosition(host.position)}${didYouMean(host.node, unlisted)}`,
  )
  const without = strange.map(({ name }) => `!${name}`).join(',')
  expect('HostsInCluster', unknown.length === 0, {
    ok: 'every host is a node',
    failed: `in the inventory but no node of the cluster: ${unknown.join(', ')}`,
    hint: `set the host's \`node\` to its name in \`kubectl get nodes\`; a node that was deleted comes back when its kubelet is restarted; or go on without: --limit '${without}'`,
  })
}

function placed(host: Host): string {
  return `${host.name} at ${formatPosition(host.position)}`
}
