import type { ApiClient } from '../api/client.js'
import { type ApiObject, timeText } from '../api/object.js'
import type { Store } from '../api/store.js'
import type { Clock } from '../types.js'
import type { Node, Pod, Workload } from './objects.js'

/** What a controller works with: reads from what it has seen, as from an informer's cache, and writes through the API. */
export interface View {
  client: ApiClient
  clock: Clock
  nodes(): Node[]
  pods(): Pod[]
  workloads(kind: 'Deployment' | 'ReplicaSet' | 'DaemonSet'): Workload[]
  /** RFC 3339. */
  now(): string
}

export function createView(store: Store, client: ApiClient, clock: Clock): View {
  const all = <T extends ApiObject>(kind: string) =>
    [...store.objects.values()].filter((object) => object.kind === kind) as T[]
  return {
    client,
    clock,
    nodes: () => all<Node>('Node'),
    pods: () => all<Pod>('Pod'),
    workloads: (kind) => all<Workload>(kind),
    now: () => timeText(clock.now()),
  }
}
