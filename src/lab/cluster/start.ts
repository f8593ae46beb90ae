import { setImmediate as turn } from 'node:timers/promises'
import { refKey, refOf } from '../../cluster/types.js'
import { apiClient, isPassing } from '../api/client.js'
import type { OpenApi } from '../api/server.js'
import type { Clock } from '../types.js'
import { markControlPlanes } from './control-plane.js'
import { syncDaemonSets } from './daemon-sets.js'
import { syncDeployments } from './deployments.js'
import { syncReplicaSets } from './replica-sets.js'
import { schedulePods } from './scheduler.js'
import { type SeedOptions, seedObjects } from './seed.js'
import { createView, type View } from './view.js'

export interface ClusterOptions extends SeedOptions {
  api: OpenApi
  clock: Clock
  /** The nodes to come: their kubelets make the Node objects. */
  nodes: readonly { name: string; controlPlane: boolean }[]
}

const resyncMs = 10_000
const retryMs = 1000

/**
 * What a kubeadm cluster has beside its nodes: its first objects, and stand-ins for the scheduler and for the
 * controllers that no lifecycle turns off. They look at each change, and every 10 s.
 */
export function startCluster({ api, clock, nodes, ...seed }: ClusterOptions): { stop(): Promise<void> } {
  api.put(...seedObjects(seed).filter((object) => api.store.get(refKey(refOf(object))) === undefined))
  const view = createView(api.store, apiClient(api.send, 'system:kube-controller-manager'), clock)
  const controlPlanes = nodes.filter(({ controlPlane }) => controlPlane).map(({ name }) => name)
  const controllers = [
    markControlPlanes(controlPlanes),
    syncDeployments,
    syncReplicaSets,
    syncDaemonSets,
    schedulePods,
  ]
  const stopping = new AbortController()
  let nap = new AbortController()
  let changed = false
  const unsubscribe = api.store.subscribe(({ object }) => {
    // Heartbeats tell the controllers nothing.
    if (object.kind === 'Lease' || object.kind === 'Event') return
    changed = true
    nap.abort()
  })

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      changed = false
      const settled = await pass(controllers, view)
      // Requests within the process give nobody else a turn.
      await turn()
      if (changed && settled) continue
      nap = new AbortController()
      const wake = settled ? AbortSignal.any([nap.signal, stopping.signal]) : stopping.signal
      await clock.sleep(settled ? resyncMs : retryMs, wake).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop() {
      unsubscribe()
      stopping.abort()
      await running
    },
  }
}

/** Each controller once; whether all of them got through. A conflict or an API that is away means: again. */
async function pass(controllers: readonly ((view: View) => Promise<void>)[], view: View): Promise<boolean> {
  let settled = true
  for (const controller of controllers) {
    await controller(view).catch((error: unknown) => {
      if (!isPassing(error)) throw error
      settled = false
    })
  }
  return settled
}
