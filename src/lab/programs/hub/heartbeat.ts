import type { ProgramContext } from '../../types.js'
import { hubAgent } from './certificate.js'
import type { HubOptions } from './options.js'

/** What an edge hub knows of the API server, by renewing the node's Lease itself. */
export interface Heartbeat {
  readonly healthy: boolean
  /** The Lease as it was renewed last, for the kubelet, whose own requests never leave the node. */
  readonly lease: Lease | undefined
  kubeletSeen(): void
}

export interface Lease {
  apiVersion?: string
  kind?: string
  metadata: Record<string, unknown>
  spec: Record<string, unknown>
}

const interval = 10_000
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/**
 * Beats until the signal. Once a kubelet has come through and then kept silent for its grace period, the hub stops
 * renewing and takes the API server for unhealthy (openyurt.md in words: that is how a dead kubelet shows).
 */
export function startHeartbeat(context: ProgramContext, options: HubOptions, signal: AbortSignal): Heartbeat {
  const { clock, send, log } = context
  let healthy = false
  let streak = Number(options.flags['heartbeat-healthy-threshold'])
  let lastKubelet: number | undefined
  let lease: Lease | undefined
  const ask = (method: string, path: string, body?: Lease) =>
    send({
      method,
      path,
      headers: { 'user-agent': hubAgent, accept: 'application/json', 'content-type': 'application/json' },
      user: `system:node:${options.node}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  async function renew(): Promise<void> {
    const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z')
    const read = await ask('GET', `${leases}/${options.node}`)
    const live = read.status === 200 ? (JSON.parse(read.body) as Lease) : undefined
    const answer =
      live === undefined
        ? await ask('POST', leases, {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { name: options.node, namespace: 'kube-node-lease' },
            spec: { holderIdentity: options.node, leaseDurationSeconds: 40, renewTime },
          })
        : await ask('PUT', `${leases}/${options.node}`, { ...live, spec: { ...live.spec, renewTime } })
    if (answer.status > 201) throw new Error(`Lease: status ${answer.status}`)
    lease = JSON.parse(answer.body) as Lease
  }

  function failed(why: string): void {
    log(`E ${why}: ${options.servers[0]} is unhealthy`)
    streak = 0
    healthy = false
  }

  async function beat(): Promise<void> {
    if (lastKubelet !== undefined && clock.now() > lastKubelet + options.kubeletGrace) {
      failed('no Lease request from the kubelet within its grace period')
      return
    }
    try {
      await renew()
      streak++
      if (streak >= Number(options.flags['heartbeat-healthy-threshold'])) healthy = true
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error))
    }
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      await beat()
      await clock.sleep(interval, signal).catch(() => undefined)
    }
  }

  void loop()
  return {
    get healthy() {
      return healthy
    },
    get lease() {
      return lease
    },
    kubeletSeen() {
      lastKubelet = clock.now()
    },
  }
}
