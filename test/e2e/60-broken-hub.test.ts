import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { getNode, getObject, type KubeObject, readyOf } from './support/api.js'
import { breakHub, lastWords, mendHub } from './support/broken-hub.js'
import { type CliRun, yurtSsh } from './support/cli.js'
import { expectConverted, expectNotRedirected } from './support/converted.js'
import { realBinaries } from './support/lab.js'
import { differences, onlyOf } from './support/snapshot.js'
import { snapshotHosts } from './support/snapshot-hosts.js'
import { waitFor } from './support/wait.js'

const healthTimeout = realBinaries ? '100s' : '60s'

/** No host was converted before but the control plane: the second conversion of the same hosts, and one with the tunnel. */
describe('convert while the hub of edge-2 can never become healthy', () => {
  let run: CliRun

  beforeAll(() => breakHub('edge-2'))
  afterAll(() => mendHub('edge-2'))

  it('ends with exit 3', async () => {
    run = await yurtSsh('convert', [
      '--yes',
      '-t',
      '-a',
      'edge-1',
      '--yurthub-healthcheck-timeout',
      healthTimeout,
    ])
    expect(run.status, run.text).toBe(3)
  })

  it('shows the hub’s own last words', () => {
    expect(run.text).toMatch(/edge-2: the hub did not become healthy within \d+ s/)
    expect(run.text).toContain(lastWords)
  })

  it('edge-2 is put back, byte for byte', async () => {
    expect(differences(onlyOf('edge-2', inject('native')), await snapshotHosts(['edge-2']))).toEqual([])
  })

  it('edge-2 is Ready, not labelled, and its kubelet talks to the API server', async () => {
    const node = await getNode('edge-2')
    expect(readyOf(node).status).toBe('True')
    expect(node.metadata.labels).not.toHaveProperty('openyurt.io/is-edge-worker')
    await expectNotRedirected('edge-2')
  })

  it.each(['edge-1', 'cloud-1'])('%s is converted all the same', (node) => expectConverted(node))

  it('the tunnel’s server runs, and an agent on each edge node that there is', async () => {
    type Workload = KubeObject & { status: Record<string, number> }
    const read = (kind: string, name: string): Promise<Workload | undefined> =>
      getObject<Workload>('apps/v1', kind, name, 'kube-system')
    expect((await read('Deployment', 'yurt-tunnel-server'))?.status.availableReplicas).toBe(1)
    await waitFor('an agent on edge-1, and on it alone', 90, async () => {
      const { desiredNumberScheduled, numberAvailable } =
        (await read('DaemonSet', 'yurt-tunnel-agent'))?.status ?? {}
      return desiredNumberScheduled === 1 && numberAvailable === 1
        ? { done: true }
        : { waiting: `${numberAvailable} available of ${desiredNumberScheduled}` }
    })
  })
})
