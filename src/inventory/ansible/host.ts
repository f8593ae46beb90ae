import type { Surroundings } from '../settings.js'
import type { Position } from '../types.js'
import { loginOf, type Reports, shield } from './login.js'
import { roleOf } from './roles.js'
import type { SshFields } from './ssh-args.js'
import { findValue, truthOf } from './value.js'
import type { Variables } from './variables.js'

/** A host in the native format. */
export interface HostFields {
  address?: string
  node?: string
  role: string
  hub?: boolean
  ssh: SshFields
}

/** A host of the graph with what counts for it. */
export interface Candidate {
  name: string
  position: Position
  groups: readonly string[]
  variables: Variables
}

/** A host in the native format with the place of each setting; undefined when it is no Kubernetes node. */
export function convertHost(
  candidate: Candidate,
  bastion: SshFields | undefined,
  surroundings: Surroundings,
  reports: Reports,
): { fields: HostFields; places: Map<string, Position> } | undefined {
  const role = roleFrom(candidate, reports)
  if (role === undefined) return undefined
  const { ssh, places } = loginOf(candidate.variables, surroundings, reports)
  const find = (need: 'address' | 'node' | 'hub') => {
    const found = findValue(candidate.variables, need, reports.problem)
    if (found !== undefined) places.set(need, found.position)
    return found
  }
  const [address, node, hub] = [find('address'), find('node'), find('hub')]
  if (hub !== undefined && truthOf(hub.text) === undefined)
    reports.problem({ position: hub.position, message: `${hub.key} must be true or false` })
  const place = places.get('config')
  if (bastion && place && ssh.bastion === undefined && ssh.proxyCommand === undefined)
    reports.problem({
      position: place,
      message: `-F and the group bastion both say how ${candidate.name} is reached: leave one of them out`,
    })
  const fields: HostFields = {
    ...(address && { address: address.text }),
    ...(node && { node: node.text }),
    ...(hub && { hub: truthOf(hub.text) === true }),
    role,
    // keys it may share, but what it takes for its own host key is not the host's to say
    ssh: {
      ...(bastion &&
        ssh.proxyCommand === undefined && {
          bastion: shield(bastion, ssh, ['knownHosts', 'strictHostKeyChecking'], surroundings),
        }),
      ...ssh,
    },
  }
  return { fields, places }
}

function roleFrom(
  { name, position, groups, variables }: Candidate,
  { problem }: Reports,
): string | undefined {
  const found = findValue(variables, 'role', problem)
  if (found?.text === 'cloud' || found?.text === 'edge') return found.text
  if (found !== undefined) {
    problem({ position: found.position, message: `${found.key} must be cloud or edge` })
    return undefined
  }
  const role = roleOf(new Set(groups))
  if (typeof role !== 'object') return role
  problem({ position, message: `${name} ${role.unclear}: set yurt_ssh_role to cloud or edge` })
  return undefined
}
