import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCluster } from '../cluster/client.js'
import { nodeInfo } from '../cluster/nodes.js'
import type { KubeObject } from '../cluster/types.js'
import { fileError } from '../errors/file.js'
import { hostsFromAddresses, type NewHost, renderInventory } from '../inventory/init.js'
import { newestRelease } from '../releases/release.js'

export interface InitOptions {
  /** Addresses to list; without any, the nodes of the cluster are. */
  addresses: readonly string[]
  /** Path of a file with one address a line, `#` begins a comment. */
  from?: string
  kubeconfig?: string
}

/** A commented inventory as text, from the cluster's nodes or from addresses. */
export async function initInventory(options: InitOptions): Promise<string> {
  const addresses = [...options.addresses, ...(options.from === undefined ? [] : await linesOf(options.from))]
  const given = options.from !== undefined || addresses.length > 0
  const { hosts, origin } = given
    ? { hosts: hostsFromAddresses(addresses), origin: 'a list of addresses' }
    : await hostsFromCluster(options)
  return renderInventory({
    hosts,
    origin,
    release: newestRelease.name,
    schema: fileURLToPath(new URL('../../inventory/schema.json', import.meta.url)),
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: resolve(options.kubeconfig) }),
  })
}

async function linesOf(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8')
    return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || [])
  } catch (cause) {
    throw fileError('USAGE_ADDRESS', path, 'read', cause)
  }
}

async function hostsFromCluster({ kubeconfig }: InitOptions): Promise<{ hosts: NewHost[]; origin: string }> {
  const cluster = await openCluster(kubeconfig === undefined ? {} : { kubeconfig })
  try {
    const nodes = await cluster.list('v1', 'Node')
    return { hosts: nodes.map(hostOf), origin: `the nodes of ${cluster.server}` }
  } finally {
    cluster.close()
  }
}

function hostOf(object: KubeObject): NewHost {
  const { name, labels, controlPlane, arch, kubeletVersion } = nodeInfo(object)
  const label = labels[newestRelease.edgeWorkerLabel]
  const cloud = controlPlane || label === 'false'
  const notes = [
    arch,
    kubeletVersion,
    controlPlane ? 'control plane' : '',
    label === 'true' ? 'labelled edge' : '',
  ]
  const address = internalAddress(object)
  return {
    name,
    ...(address === undefined || address === name ? {} : { address }),
    role: cloud ? 'cloud' : 'edge',
    note: notes.filter((note) => note !== '').join(', '),
  }
}

/** The address that nodes reach each other by; a node without one may be found by its name. */
function internalAddress(object: KubeObject): string | undefined {
  const { status } = object as { status?: { addresses?: { type: string; address: string }[] } }
  return ['InternalIP', 'ExternalIP']
    .map((type) => status?.addresses?.find((entry) => entry.type === type)?.address)
    .find((address) => address !== undefined)
}
