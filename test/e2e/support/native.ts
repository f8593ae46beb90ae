import type { Snapshot } from './snapshot.js'
import { snapshotCluster } from './snapshot-cluster.js'
import { snapshotHosts } from './snapshot-hosts.js'

/** Hosts and cluster at one moment. */
export async function snapshotAll(): Promise<Snapshot> {
  const [hosts, cluster] = await Promise.all([snapshotHosts(), snapshotCluster()])
  return { ...hosts, ...cluster }
}
