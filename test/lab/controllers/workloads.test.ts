import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../../src/cluster/types.js'
import { apiClient } from '../../../src/lab/api/client.js'
import { type OpenApi, openApi } from '../../../src/lab/api/server.js'
import { createClock } from '../../../src/lab/clock.js'
import { startCluster } from '../../../src/lab/cluster/start.js'
import { type Kubelets, startKubelets } from './kubelets.js'

let api: OpenApi
let cluster: { stop(): Promise<void> }
let kubelets: Kubelets
const clock = createClock(100)
const client = () => apiClient(api.send, 'admin')

beforeEach(async () => {
  api = await openApi({ clock })
  const nodes = ['cp-1', 'edge-1', 'edge-2'].map((name) => ({ name, controlPlane: name === 'cp-1' }))
  cluster = startCluster({ api, clock, nodes, server: 'https://192.0.2.1:6443', certificateAuthority: 'PEM' })
  kubelets = startKubelets(api, clock)
  for (const { name } of nodes) kubelets.join(name)
})
afterEach(async () => {
  await cluster.stop()
  kubelets.stop()
  await api.close()
})

const labels = { app: 'web' }
const deployment = (spec: object = {}, pod: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }], ...pod } },
    ...spec,
  },
})
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }
const nodeRef = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name })
const pods = () => client().list('v1', 'Pod', { namespace: 'default', labelSelector: 'app=web' })
const nodesOfPods = async () =>
  (await pods()).map(({ spec }) => (spec as { nodeName?: string }).nodeName ?? '').toSorted()
const status = async () => (await client().get(ref))?.status
const eventually = (assertion: () => Promise<void>) => vi.waitFor(assertion, { timeout: 5000, interval: 10 })
const marked = () =>
  eventually(async () => {
    const node = await client().get(nodeRef('cp-1'))
    expect(node?.metadata.labels).toHaveProperty(['node-role.kubernetes.io/master'])
    expect(node?.spec).toMatchObject({ taints: [{ key: 'node-role.kubernetes.io/master' }] })
  })

it('marks the control plane as kubeadm does', marked)

describe('a Deployment', () => {
  beforeEach(marked)

  it('gets its pods, spread over the nodes that take them, and is Available', async () => {
    await client().create(deployment())
    await eventually(async () =>
      expect(await status()).toMatchObject({
        observedGeneration: 1,
        availableReplicas: 2,
        updatedReplicas: 2,
      }),
    )
    expect(await nodesOfPods()).toEqual(['edge-1', 'edge-2'])
  })

  it.each([['RollingUpdate'], ['Recreate']])('replaces its pods with another template: %s', async (type) => {
    await client().create(deployment({ strategy: { type } }))
    await eventually(async () => expect(await status()).toMatchObject({ availableReplicas: 2 }))
    const before = (await pods()).map(({ metadata }) => metadata.name)
    const containers = [{ name: 'c', image: 'web:2' }]
    await client().patch(ref, { spec: { template: { spec: { containers } } } })
    await eventually(async () =>
      expect(await status()).toMatchObject({
        observedGeneration: 2,
        replicas: 2,
        updatedReplicas: 2,
        availableReplicas: 2,
      }),
    )
    const after = await pods()
    expect(after.filter(({ metadata }) => before.includes(metadata.name))).toEqual([])
  })

  it('grows and shrinks', async () => {
    await client().create(deployment())
    await client().patch(ref, { spec: { replicas: 3 } })
    await eventually(async () => expect(await status()).toMatchObject({ availableReplicas: 3 }))
    await client().patch(ref, { spec: { replicas: 1 } })
    await eventually(async () => expect(await status()).toMatchObject({ replicas: 1, availableReplicas: 1 }))
  })

  it('takes its ReplicaSets and pods with it', async () => {
    await client().create(deployment())
    await eventually(async () => expect(await status()).toMatchObject({ availableReplicas: 2 }))
    await client().delete(ref)
    await eventually(async () => expect(await pods()).toEqual([]))
    expect(await client().list('apps/v1', 'ReplicaSet')).toEqual([])
  })

  it('says why its pods are nowhere, in condition and Event', async () => {
    const toleration = { key: 'node-role.kubernetes.io/master', operator: 'Exists' }
    const picky = { nodeSelector: { disk: 'fast' }, tolerations: [toleration] }
    await client().create(deployment({ replicas: 1 }, picky))
    const message = "0/3 nodes are available: 3 node(s) didn't match node selector."
    await eventually(async () => {
      const [pod] = await pods()
      const { conditions = [] } = (pod?.status ?? {}) as { conditions?: object[] }
      expect(conditions).toMatchObject([
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
      ])
    })
    const [pod] = await pods()
    const fieldSelector = `involvedObject.name=${pod?.metadata.name}`
    await eventually(async () =>
      expect(await client().list('v1', 'Event', { namespace: 'default', fieldSelector })).toContainEqual(
        expect.objectContaining({ reason: 'FailedScheduling', message }),
      ),
    )
    await client().patch(nodeRef('cp-1'), { metadata: { labels: { disk: 'fast' } } })
    await eventually(async () => expect(await nodesOfPods()).toEqual(['cp-1']))
  })
})

it('puts a pod of a DaemonSet on each node that fits, and takes it from one that no longer does', async () => {
  const { template, selector } = deployment().spec as { template: object; selector: object }
  const nodeSelector = { edge: 'true' }
  const pod = { containers: [{ name: 'c', image: 'a:1' }], nodeSelector }
  await client().create({
    ...deployment(),
    kind: 'DaemonSet',
    spec: { selector, template: { ...template, spec: pod } },
  })
  const label = (name: string, edge: string | null) =>
    client().patch(nodeRef(name), { metadata: { labels: { edge } } })
  await label('edge-1', 'true')
  await label('edge-2', 'true')
  await eventually(async () =>
    expect((await client().get({ ...ref, kind: 'DaemonSet' }))?.status).toMatchObject({
      desiredNumberScheduled: 2,
      numberReady: 2,
    }),
  )
  expect(await nodesOfPods()).toEqual(['edge-1', 'edge-2'])
  await label('edge-1', null)
  await eventually(async () => expect(await nodesOfPods()).toEqual(['edge-2']))
})
