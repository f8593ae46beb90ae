import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { YurtSshError } from '../errors.js'
import { createKey, type KeyPair, writeAccess } from './access.js'
import { openApi } from './api/server.js'
import { createClock } from './clock.js'
import { startCluster } from './cluster/start.js'
import { apiServer } from './fleet/addresses.js'
import { type Authority, createAuthority } from './fleet/authority.js'
import { mixedFleet } from './fleet/mix.js'
import type { HostSpec } from './fleet/types.js'
import { type LabHost, startHost } from './host/host.js'
import { clusterPrograms } from './programs/cluster-programs.js'
import type { ApiHealth, Clock, LabApi } from './types.js'

export interface LabOptions {
  /** Everything of the lab is in this folder; no lab may be there yet. */
  dir: string
  /** How many, or the hosts themselves. */
  hosts: number | ((authority: Authority) => HostSpec[])
  /** Addresses of the API server as those hosts write them; the lab's own when not given. */
  apiServers?: readonly string[]
  /** Such as v1.20.2, which it is when not given. */
  gitVersion?: string
  /** How many times as fast as the machine's clock the lab's runs; 1 when not given. */
  speed?: number
  /** Seconds of the lab that a hub's first start takes; 3 when not given, 40 with the real one. */
  hubFirstStartSeconds?: number
}

/** A lab that runs in this process. */
export interface Lab {
  readonly dir: string
  readonly clock: Clock
  readonly api: LabApi
  readonly hosts: readonly LabHost[]
  behave(health: ApiHealth): void
  /** Ends every host and the API. The folder stays. */
  close(): Promise<void>
}

const readySeconds = 120

/**
 * Starts an API server in memory and hosts that are folders, and returns once every Node is Ready.
 * @throws YurtSshError LAB_DIR, LAB_TOOLS, LAB_START
 */
export async function startLab({
  dir,
  hosts: wanted,
  apiServers = [apiServer],
  gitVersion = 'v1.20.2',
  speed = 1,
  hubFirstStartSeconds = 3,
}: LabOptions): Promise<Lab> {
  if (existsSync(join(dir, 'hosts'))) {
    throw new YurtSshError('LAB_DIR', `${dir} holds a lab already`, {
      hint: 'give a folder that is empty or not there',
    })
  }
  mkdirSync(join(dir, 'hosts'), { recursive: true })
  const clock = createClock(speed)
  const authority = createAuthority()
  const specs = typeof wanted === 'number' ? mixedFleet(wanted, authority) : wanted(authority)
  const hosts: LabHost[] = []
  const api = await openApi({
    clock,
    gitVersion,
    readLog: ({ namespace, pod, container }) =>
      hosts.map((host) => host.containerLog(namespace, pod, container)).find((log) => log !== undefined),
  })
  const cluster = startCluster({
    api,
    clock,
    nodes: specs,
    server: apiServers[0] ?? apiServer,
    certificateAuthority: authority.ca,
  })
  const lab: Lab = {
    dir,
    clock,
    api,
    hosts,
    behave: api.behave,
    async close() {
      await Promise.all(hosts.map((host) => host.close()))
      await cluster.stop()
      await api.close()
    },
  }
  try {
    const operator = createKey('operator@lab')
    const hostKeys = new Map<string, KeyPair>(specs.map(({ name }) => [name, createKey(`root@${name}`)]))
    for (const spec of specs) {
      hosts.push(
        await startHost(spec, {
          root: join(dir, 'hosts', spec.name),
          clock,
          api: api.send,
          apiServers,
          operatorKey: operator.public,
          hostKey: hostKeys.get(spec.name)?.private ?? '',
          hubFirstStart: hubFirstStartSeconds * 1000,
          programs: clusterPrograms,
        }),
      )
    }
    writeAccess(dir, hosts, { operator, hostKeys, kubeconfig: api.kubeconfig })
    await nodesReady(lab, specs)
    return lab
  } catch (error) {
    await lab.close()
    throw error
  }
}

interface Node {
  metadata: { name: string }
  status?: { conditions?: { type: string; status: string }[] }
}

/** Until every host's kubelet has posted that it is Ready. */
async function nodesReady({ api, clock }: Lab, specs: readonly HostSpec[]): Promise<void> {
  const end = clock.now() + readySeconds * 1000
  for (;;) {
    const { body } = await api.send({ method: 'GET', path: '/api/v1/nodes', user: 'admin' })
    const ready = (JSON.parse(body) as { items: Node[] }).items
      .filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      .map(({ metadata }) => metadata.name)
    const waiting = specs.map(({ name }) => name).filter((name) => !ready.includes(name))
    if (waiting.length === 0) return
    if (clock.now() > end)
      throw new YurtSshError(
        'LAB_START',
        `not Ready after ${readySeconds} s of the lab: ${waiting.join(', ')}`,
      )
    await clock.sleep(500)
  }
}
