import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenApi, openApi } from '../src/lab/api/server.js'
import { createClock } from '../src/lab/clock.js'
import { recordCommit, replayObjects, runReplayControllers } from '../src/lab/replay/cluster.js'
import { inventoryText } from '../src/lab/replay/fleet.js'
import type { RealHost, RealHosts } from './real-hosts.js'

/** The API of a fleet of real sshds: it shows of each host what a kubelet would tell. */
export interface FleetCluster {
  inventory: string
  close(): Promise<void>
}

export async function startFleetCluster({ folder, hosts, port }: RealHosts): Promise<FleetCluster> {
  const api = await openApi({ clock: createClock(), objects: replayObjects(hosts, Date.now()) })
  const stops = [runReplayControllers(api, hosts[0]?.name ?? ''), watchHosts(api, hosts)]
  writeFileSync(join(folder, 'kubeconfig'), api.kubeconfig)
  const inventory = join(folder, 'inventory.yaml')
  writeFileSync(inventory, inventoryText(hosts, port))
  return {
    inventory,
    async close() {
      for (const stop of stops) stop()
      await api.close()
    },
  }
}

/** Looks at the hosts' folders ten times a second: a new kubelet or hub is a heartbeat and a mirror pod. */
function watchHosts(api: OpenApi, hosts: readonly RealHost[]): () => void {
  const seen = new Map<string, string>()
  const timer = setInterval(() => {
    for (const { name, role, machine } of hosts) {
      const hub = machine.exists('/etc/kubernetes/manifests/yurt-hub.yaml')
      const is = `${machine.state('kubelet-pid')} ${machine.state('kcm-pid')} ${hub}`
      const was = seen.get(name)
      seen.set(name, is)
      if (was !== undefined && was !== is && !is.startsWith('0 '))
        recordCommit(api, { node: name, role, verb: hub ? 'convert' : 'revert' }, Date.now())
    }
  }, 100)
  return () => clearInterval(timer)
}
