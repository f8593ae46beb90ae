import colors from 'picocolors'
import type { GroupTree, Host, SshHop } from '../inventory/types.js'
import { table } from './table.js'

/** Groups and hosts as a tree; a host of several groups stands in each of them. */
export function renderInventoryTree(hosts: readonly Host[], groups: readonly GroupTree[]): string {
  const byName = new Map(hosts.map((host) => [host.name, host]))
  const grouped = new Set(groups.flatMap(hostsBelow))
  const loose = hosts.filter(({ name }) => !grouped.has(name)).map((host) => hostRow(host, 0))
  const rows = groups.flatMap((group) => groupRows(group, byName, 0))
  return table([['HOST', 'ADDRESS', 'ROLE', 'NODE'].map(colors.bold), ...loose, ...rows])
}

function groupRows(group: GroupTree, hosts: ReadonlyMap<string, Host>, depth: number): string[][] {
  return [
    [`${'  '.repeat(depth)}${colors.bold(group.name)}`],
    ...group.hosts.flatMap((name) => {
      const host = hosts.get(name)
      return host === undefined ? [] : [hostRow(host, depth + 1)]
    }),
    ...group.groups.flatMap((inner) => groupRows(inner, hosts, depth + 1)),
  ]
}

function hostRow({ name, role, node, ssh }: Host, depth: number): string[] {
  const address = ssh.address.includes(':') ? `[${ssh.address}]:${ssh.port}` : `${ssh.address}:${ssh.port}`
  return [`${'  '.repeat(depth)}${name}`, `${ssh.user}@${address}${wayTo(ssh)}`, role, node]
}

/** The bastions, the nearest first. */
function wayTo({ bastion }: SshHop): string {
  return bastion === undefined ? '' : ` via ${bastion.address}${wayTo(bastion)}`
}

function hostsBelow({ hosts, groups }: GroupTree): string[] {
  return [...hosts, ...groups.flatMap(hostsBelow)]
}
