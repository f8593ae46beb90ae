import { differences, type Snapshot } from './snapshot.js'
import { snapshotCluster } from './snapshot-cluster.js'
import { snapshotHosts } from './snapshot-hosts.js'
import { waitFor } from './wait.js'

/** Hosts and cluster at one moment. */
export async function snapshotLab(): Promise<Snapshot> {
  const [hosts, cluster] = await Promise.all([snapshotHosts(), snapshotCluster()])
  return { ...hosts, ...cluster }
}

/** Passes once the lab is as it was; what controllers tidy up by themselves (a ServiceAccount's Secret) gets some seconds. */
export async function waitSame(before: Snapshot, seconds = 30): Promise<void> {
  await waitFor('the lab as it was before', seconds, async () => {
    const changes = differences(before, await snapshotLab())
    return changes.length === 0 ? { done: true } : { waiting: `it differs:\n  ${changes.join('\n  ')}` }
  })
}
