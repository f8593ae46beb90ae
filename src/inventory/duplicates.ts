import { formatPosition, type Problem } from './problems.js'
import type { Host } from './types.js'

/** What no two hosts may share, as text. */
const identities: ((host: Host) => string)[] = [
  ({ name }) => `host name "${name}"`,
  ({ node }) => `node name "${node}"`,
  // Sites behind bastions of their own may well use the same private addresses.
  ({ ssh: { address, port, bastion } }) =>
    `address ${address.toLowerCase()} port ${port}${bastion === undefined ? '' : ` behind ${bastion.address}:${bastion.port}`}`,
]

/** Hosts that share a name, a node or an address and port, and hosts named like a group (--limit could mean either). */
export function duplicateProblems(hosts: readonly Host[]): Problem[] {
  return [...identities.flatMap((identity) => sharedProblems(hosts, identity)), ...groupNameProblems(hosts)]
}

/** One problem for each pair of places, however many hosts of two ranges overlap. */
function sharedProblems(hosts: readonly Host[], identity: (host: Host) => string): Problem[] {
  const firsts = new Map<string, Host>()
  const pairs = new Map<string, { host: Host; first: Host; more: number }>()
  for (const host of hosts) {
    const first = firsts.get(identity(host))
    if (first === undefined) {
      firsts.set(identity(host), host)
      continue
    }
    const places = `${formatPosition(first.position)} ${formatPosition(host.position)}`
    const pair = pairs.get(places)
    if (pair === undefined) pairs.set(places, { host, first, more: 0 })
    else pair.more++
  }
  return [...pairs.values()].map(({ host, first, more }) => ({
    position: host.position,
    message: `${identity(host)} is taken by ${formatPosition(first.position)}${more > 0 ? `, and ${more} more alike` : ''}`,
  }))
}

function groupNameProblems(hosts: readonly Host[]): Problem[] {
  const groups = new Set(hosts.flatMap((host) => host.groups))
  return hosts
    .filter(({ name }) => groups.has(name))
    .map(({ name, position }) => ({ position, message: `"${name}" is the name of a group too` }))
}
