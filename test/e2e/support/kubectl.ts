import path from 'node:path'
import { labDirectory } from './lab.js'
import { output } from './process.js'

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    deletionTimestamp?: string
    creationTimestamp?: string
  }
  spec?: Record<string, unknown>
  [field: string]: unknown
}

export interface NodeObject extends KubeObject {
  spec: { taints?: { key: string; effect: string; timeAdded?: string }[] }
  status: { conditions: { type: string; status: string; reason: string; lastHeartbeatTime: string }[] }
}

/** The lab's own kubectl; its output. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return output(path.join(labDirectory, 'kubectl'), args, input === undefined ? {} : { input })
}

/** One object; undefined when it is not there. */
export async function getObject<T = KubeObject>(...args: string[]): Promise<T | undefined> {
  const text = await kubectl(['get', '--ignore-not-found', '-o', 'json', ...args])
  return text === '' ? undefined : (JSON.parse(text) as T)
}

export async function listObjects<T = KubeObject>(...args: string[]): Promise<T[]> {
  return (JSON.parse(await kubectl(['get', '-o', 'json', ...args])) as { items: T[] }).items
}

export async function getNode(name: string): Promise<NodeObject> {
  const node = await getObject<NodeObject>('node', name)
  if (node === undefined) throw new Error(`the cluster has no node ${name}`)
  return node
}

/** The node's Ready condition. */
export function readyOf(node: NodeObject): { status: string; reason: string; lastHeartbeatTime: string } {
  const ready = node.status.conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) throw new Error(`${node.metadata.name} has no Ready condition`)
  return ready
}
