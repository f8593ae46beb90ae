import { refOf } from '../../../src/cluster/types.js'
import { apiClient, isPassing } from '../../../src/lab/api/client.js'
import { microTimeText, timeText } from '../../../src/lab/api/object.js'
import type { OpenApi } from '../../../src/lab/api/server.js'
import type { Pod } from '../../../src/lab/cluster/objects.js'
import type { Clock } from '../../../src/lab/types.js'

/** The least of kubelets that controllers need beside them: Nodes, heartbeats, pods that are Ready at once. */
export interface Kubelets {
  /** Makes a Node that is Ready and keeps its Lease. */
  join(
    name: string,
    metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> },
  ): void
  /** No more heartbeats, no more work. */
  silence(name: string): void
  wake(name: string): void
  stop(): void
}

export function startKubelets(api: OpenApi, clock: Clock): Kubelets {
  const client = apiClient(api.send, 'admin')
  const awake = new Set<string>()
  const stopping = new AbortController()
  const now = () => timeText(clock.now())

  async function heartbeat(name: string): Promise<void> {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'kube-node-lease',
      name,
    }
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimeText(clock.now()) }
    const { apiVersion, kind, ...metadata } = lease
    if ((await client.get(lease)) === null) await client.create({ apiVersion, kind, metadata, spec })
    else await client.patch(lease, { spec })
    const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: now(), lastTransitionTime: now() }
    await client.patchStatus({ apiVersion: 'v1', kind: 'Node', name }, { conditions: [ready] })
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const name of awake) {
        await heartbeat(name).catch((error: unknown) => {
          if (!isPassing(error)) throw error
        })
      }
      await clock.sleep(10_000, stopping.signal).catch(() => {})
    }
  }

  async function tend(pod: Pod): Promise<void> {
    if (!awake.has(pod.spec?.nodeName ?? '')) return
    if (pod.metadata.deletionTimestamp !== undefined) {
      return client.delete(refOf(pod), { gracePeriodSeconds: 0 })
    }
    if (pod.status?.phase === 'Running') return
    await client.patchStatus(refOf(pod), {
      phase: 'Running',
      conditions: [...(pod.status?.conditions ?? []), { type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'c', ready: true, restartCount: 0, state: { running: { startedAt: now() } } },
      ],
    })
  }

  function tendSoon(key: string): void {
    setImmediate(() => {
      const pod = api.store.get(key)
      if (pod !== undefined && !stopping.signal.aborted) void tend(pod as Pod)
    })
  }

  const keyOf = ({ namespace, name }: { namespace?: string; name: string }) => `core/Pod/${namespace}/${name}`
  const unsubscribe = api.store.subscribe(({ type, object }) => {
    if (type !== 'DELETED' && object.kind === 'Pod') tendSoon(keyOf(object.metadata))
  })
  void run()
  return {
    join(name, metadata = {}) {
      api.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, ...metadata } })
      awake.add(name)
    },
    silence: (name) => awake.delete(name),
    wake(name) {
      awake.add(name)
      for (const [key, { kind }] of api.store.objects) if (kind === 'Pod') tendSoon(key)
    },
    stop() {
      unsubscribe()
      stopping.abort()
    },
  }
}
