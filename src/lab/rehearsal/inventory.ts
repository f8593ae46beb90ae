import { stringify } from 'yaml'
import type { FleetMember } from '../../plan/fleet.js'
import type { LabHost } from '../host/host.js'

/** The lab's inventory with what the fleet's own says of hubs; it stands beside the lab's keys and kubeconfig. */
export function rehearsalInventory(
  members: readonly FleetMember[],
  hosts: readonly LabHost[],
  release: string,
): string {
  const ports = new Map(hosts.map(({ spec, port }) => [spec.name, port]))
  const group = (role: 'cloud' | 'edge') => {
    const own = members.filter(({ host }) => host.role === role)
    return own.length === 0 ? {} : { [role]: { role, hosts: Object.fromEntries(own.map(entry)) } }
  }
  const entry = ({ host }: FleetMember): [string, object] => [
    host.name,
    {
      address: '127.0.0.1',
      node: host.node,
      hub: host.hub,
      ssh: { port: ports.get(host.node), user: 'root' },
      openyurt: {
        hubArgs: host.hubArgs,
        ...(host.serverAddr === undefined ? {} : { serverAddr: host.serverAddr }),
      },
    },
  ]
  return stringify({
    cluster: { kubeconfig: 'kubeconfig' },
    openyurt: { release },
    ssh: { identityFile: 'id_ed25519', identitiesOnly: true, knownHosts: 'known_hosts' },
    groups: { ...group('cloud'), ...group('edge') },
  })
}
