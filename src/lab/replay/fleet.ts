import { stringify } from 'yaml'
import type { ReplayNode } from './cluster.js'

export interface ReplayMember extends ReplayNode {
  /** One of its own on the loopback. */
  address: string
}

/** A control-plane host, a cloud worker, and edge hosts to make up `count`. */
export function replayFleet(count: number): ReplayMember[] {
  return Array.from({ length: count }, (_, index) => {
    const role = index === 0 ? 'control-plane' : index === 1 ? 'cloud' : 'edge'
    const name = index === 0 ? 'cp-1' : index === 1 ? 'cloud-1' : `edge-${String(index - 1).padStart(5, '0')}`
    return { name, role, address: replayAddress(index, 1) }
  })
}

/** The address of a host in a network `127.NETWORK.0.0/16`. */
export function replayAddress(index: number, network: number): string {
  return `127.${network}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`
}

/** The fleet as an inventory, for a folder that has its other files too. */
export function inventoryText(fleet: readonly ReplayMember[], port: number): string {
  const group = (role: 'cloud' | 'edge', members: readonly ReplayMember[]) => ({
    role,
    hosts: Object.fromEntries(members.map(({ name, address }) => [name, { address }])),
  })
  return stringify({
    cluster: { kubeconfig: 'kubeconfig' },
    openyurt: { release: 'v0.6.1' },
    ssh: {
      port,
      user: 'root',
      identityFile: 'id',
      identitiesOnly: true,
      knownHosts: 'known_hosts',
      connectTimeout: 60,
    },
    groups: {
      cloud: group(
        'cloud',
        fleet.filter(({ role }) => role !== 'edge'),
      ),
      edge: group(
        'edge',
        fleet.filter(({ role }) => role === 'edge'),
      ),
    },
  })
}

/** A plain known_hosts file, a line a host. */
export function knownHostsText(fleet: readonly ReplayMember[], port: number, publicKey: string): string {
  const [type, key] = publicKey.split(' ')
  return fleet.map(({ address }) => `[${address}]:${port} ${type} ${key}\n`).join('')
}
