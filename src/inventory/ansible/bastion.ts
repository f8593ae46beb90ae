import type { Surroundings } from '../settings.js'
import type { Graph } from './graph.js'
import { type Login, loginOf, type Reports } from './login.js'
import { findValue } from './value.js'
import type { Variables } from './variables.js'

/** The host that Kubespray jumps over: the first one of group `bastion`, or one of that name. */
export function bastionHost({ groups, hosts }: Graph): string | undefined {
  const [first] = groups.get('bastion')?.hosts ?? []
  return first ?? (hosts.has('bastion') ? 'bastion' : undefined)
}

/** How to log in to the bastion: it has its own address, port and user, and the hosts' keys where it has none. */
export function bastionLogin(
  name: string,
  variables: Variables,
  surroundings: Surroundings,
  reports: Reports,
): Login['ssh'] {
  const address = findValue(variables, 'address', reports.problem)?.text ?? name
  const { bastion: _, ...own } = loginOf(variables, surroundings, reports).ssh
  return { address, ...own }
}
