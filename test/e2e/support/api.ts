import { openCluster } from '../../../src/cluster/client.js'
import { openKubeconfig } from '../../../src/cluster/kubeconfig.js'
import { openTransport, type Transport } from '../../../src/cluster/transport.js'
import type { Cluster, KubeObject as ClusterObject, ListOptions } from '../../../src/cluster/types.js'
import { kubeconfigFile } from './lab.js'

export interface KubeObject extends ClusterObject {
  spec?: Record<string, unknown>
}

export interface NodeObject extends ClusterObject {
  spec: { taints?: { key: string; effect: string; timeAdded?: string }[] }
  status: { conditions: { type: string; status: string; reason: string; lastHeartbeatTime: string }[] }
}

let cluster: Promise<Cluster> | undefined
let transport: Promise<Transport> | undefined

/** The lab's API, as its administrator. */
export function api(): Promise<Cluster> {
  cluster ??= openCluster({ kubeconfig: kubeconfigFile, retrySeconds: 10 })
  return cluster
}

/** One request for what the product's client has no word for; its JSON. */
export async function ask<T>(method: 'GET' | 'DELETE', path: string, body?: unknown): Promise<T> {
  transport ??= openKubeconfig({ kubeconfig: kubeconfigFile }).then((access) => openTransport(access))
  const { status, text } = await (await transport).send({
    method,
    path,
    ...(body === undefined ? {} : { body }),
  })
  if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`)
  return JSON.parse(text) as T
}

/** One object; undefined when it, or its kind, is not there. */
export async function getObject<T = KubeObject>(
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
): Promise<T | undefined> {
  const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
  return ((await (await api()).get(ref)) ?? undefined) as T | undefined
}

export async function listObjects<T = KubeObject>(
  apiVersion: string,
  kind: string,
  options: ListOptions = {},
): Promise<T[]> {
  return (await (await api()).list(apiVersion, kind, options)) as T[]
}

export async function getNode(name: string): Promise<NodeObject> {
  const node = await getObject<NodeObject>('v1', 'Node', name)
  if (node === undefined) throw new Error(`the cluster has no node ${name}`)
  return node
}

/** The node's Ready condition. */
export function readyOf(node: NodeObject): { status: string; reason: string; lastHeartbeatTime: string } {
  const ready = node.status.conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) throw new Error(`${node.metadata.name} has no Ready condition`)
  return ready
}
