import { formatPosition, type Problem } from './problems.js'
import type { Host, SshHop } from './types.js'

/** What no two hosts may share, as text; `unsaid` is a part of it that may hold a secret. */
const identities: ((host: Host) => { text: string; unsaid?: string })[] = [
  ({ name }) => ({ text: `host name "${name}"` }),
  ({ node }) => ({ text: `node name "${node}"` }),
  // Sites behind bastions of their own may well use the same private addresses.
  ({ ssh }) => ({
    text: `address ${ssh.address.toLowerCase()} port ${ssh.port}${wayTo(ssh)}`,
    unsaid: commandOnWayTo(ssh),
  }),
]

function wayTo({ bastion, proxyCommand }: SshHop): string {
  if (bastion !== undefined) return ` behind ${bastion.address}:${bastion.port}${wayTo(bastion)}`
  return proxyCommand === undefined ? '' : ' behind a ProxyCommand'
}

function commandOnWayTo({ bastion, proxyCommand = '' }: SshHop): string {
  return bastion === undefined ? proxyCommand : commandOnWayTo(bastion)
}

/** Hosts that share a name, a node or an address and port, and hosts named like a group (--limit could mean either). */
export function duplicateProblems(hosts: readonly Host[]): Problem[] {
  return [...identities.flatMap((identity) => sharedProblems(hosts, identity)), ...groupNameProblems(hosts)]
}

/** One problem for each pair of places, however many hosts of two ranges overlap. */
function sharedProblems(hosts: readonly Host[], identity: (typeof identities)[number]): Problem[] {
  const firsts = new Map<string, Host>()
  const pairs = new Map<string, { host: Host; first: Host; more: number }>()
  for (const host of hosts) {
    const { text, unsaid = '' } = identity(host)
    const key = `${text}\n${unsaid}`
    const first = firsts.get(key)
    if (first === undefined) {
      firsts.set(key, host)
      continue
    }
    const places = `${formatPosition(first.position)} ${formatPosition(host.position)}`
    const pair = pairs.get(places)
    if (pair === undefined) pairs.set(places, { host, first, more: 0 })
    else pair.more++
  }
  return [...pairs.values()].map(({ host, first, more }) => ({
    position: host.position,
    message: `${identity(host).text} is taken by ${formatPosition(first.position)}${more > 0 ? `, and ${more} more alike` : ''}`,
  }))
}

function groupNameProblems(hosts: readonly Host[]): Problem[] {
  const groups = new Set(hosts.flatMap((host) => host.groups))
  return hosts
    .filter(({ name }) => groups.has(name))
    .map(({ name, position }) => ({ position, message: `"${name}" is the name of a group too` }))
}
