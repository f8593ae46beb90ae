import { YurtSshError } from '../errors.js'
import { isAddress } from './address.js'
import { expandRanges } from './ranges.js'
import type { Role } from './types.js'

/** A host to write into a new inventory. */
export interface NewHost {
  name: string
  /** Absent: the name is the address. */
  address?: string
  role: Role
  /** What its line says behind `#`. */
  note?: string
}

export interface NewInventory {
  hosts: readonly NewHost[]
  release: string
  /** Path of the JSON Schema, for editors. */
  schema: string
  /** Where the hosts come from, for the first lines. */
  origin: string
  kubeconfig?: string
}

/** A native inventory as text, with comments on what is left to say. */
export function renderInventory({ hosts, release, schema, origin, kubeconfig }: NewInventory): string {
  return `# yaml-language-server: $schema=${schema}
# Written by \`yurt-ssh inventory init\` from ${origin}. What it cannot know:
# which hosts are cloud and which are edge, and how to log in. Every key: docs/inventory.md.
# When it is said: yurt-ssh inventory validate -i FILE --cluster
${kubeconfig === undefined ? '#cluster:\n#  kubeconfig: ~/.kube/config' : `cluster:\n  kubeconfig: ${quoted(kubeconfig)}`}

openyurt:
  release: ${release}

# How to log in. A group or a host may have an ssh of its own; the nearest counts.
#ssh:
#  user: ops
#  identityFile: ~/.ssh/fleet
#  bastion: jump@bastion.example.com

groups:
${group('cloud', 'Control-plane nodes, and nodes with a good link to them.', hosts)}
${group('edge', 'Nodes that go on working while the link is away.', hosts)}`
}

function group(role: Role, what: string, hosts: readonly NewHost[]): string {
  const own = hosts.filter((host) => host.role === role)
  const lines = [`${role}:`, `  role: ${role}`, '  hosts:', ...own.map((host) => `    ${hostLine(host)}`)]
  const indent = own.length === 0 ? '  # ' : '  '
  return [`  # ${what}`, ...lines.map((line) => `${indent}${line}`), ''].join('\n')
}

function hostLine({ name, address, note }: NewHost): string {
  const value = address === undefined ? '' : ` { address: ${quoted(address)} }`
  return `${quoted(name)}:${value}${note === undefined ? '' : ` # ${note}`}`
}

/** Names that YAML takes for something else go in quotes. */
function quoted(text: string): string {
  const plain = /^[A-Za-z/~][\w./~-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|~)$/i.test(text)
  return plain || /^\d+(\.\d+){3}$/.test(text) ? text : JSON.stringify(text)
}

/**
 * Hosts from addresses, ranges such as `192.0.2.[1:9]` included. A DNS name is the host's name too; hosts with an IP
 * address are numbered.
 * @throws YurtSshError USAGE_ADDRESS: all that are none, or stand twice; INVENTORY_RANGE
 */
export function hostsFromAddresses(patterns: readonly string[]): NewHost[] {
  const addresses = patterns.flatMap((pattern) => expandRanges(pattern))
  const wrong = addresses.filter(
    (address, index) => !isAddress(address) || addresses.indexOf(address) !== index,
  )
  if (wrong.length > 0 || addresses.length === 0) {
    const what = wrong.length > 0 ? `no address, or given twice: ${wrong.join(', ')}` : 'there is no address'
    throw new YurtSshError('USAGE_ADDRESS', what, { hint: 'give IPv4, IPv6 or DNS names, or ranges of them' })
  }
  const width = String(addresses.length).length
  return addresses.map((address, index): NewHost => {
    if (/^[A-Za-z]/.test(address) && !address.includes(':')) return { name: address, role: 'edge' }
    const name = `host-${String(index + 1).padStart(width, '0')}`
    return { name, address, role: 'edge', note: 'node: its name in kubectl get nodes' }
  })
}
