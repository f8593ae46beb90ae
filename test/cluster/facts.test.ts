import { afterEach, beforeEach, expect, it } from 'vitest'
import { gatherClusterFacts } from '../../src/cluster/facts.js'
import type { KubeObject } from '../../src/cluster/types.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

let api: FakeApi
beforeEach(async () => {
  api = await fakeApi()
})
afterEach(() => api.close())

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  fields: object = {},
  metadata: object = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind === 'Node' ? {} : { namespace: 'kube-system' }), ...metadata },
  ...fields,
})
const mirror = { annotations: { 'kubernetes.io/config.mirror': 'h', 'kubernetes.io/config.hash': 'h' } }
const kcm = (node: string, metadata: object) =>
  object(
    'v1',
    'Pod',
    `kube-controller-manager-${node}`,
    { spec: { nodeName: node, containers: [{ name: 'kube-controller-manager' }] } },
    metadata,
  )

it('knows the cluster', async () => {
  api.put(
    object('v1', 'Node', 'm1'),
    object('v1', 'Node', 'edge-1'),
    kcm('m1', { ...mirror, labels: { component: 'kube-controller-manager' } }),
    object('coordination.k8s.io/v1', 'Lease', 'kube-controller-manager', {
      spec: { holderIdentity: 'm1_x' },
    }),
    object('batch/v1', 'Job', 'node-servant-convert-edge-1'),
    object('batch/v1', 'Job', 'node-servant-convert-edge-2', {
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    }),
    object('batch/v1', 'Job', 'backup'),
    object('v1', 'ConfigMap', 'here'),
  )
  const refs = ['here', 'absent'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'kube-system',
    name,
  }))
  const facts = await gatherClusterFacts(api.cluster, refs)
  expect(facts).toMatchObject({
    serverVersion: 'v1.20.2',
    kcmLeader: 'm1_x',
    foreignJobs: ['node-servant-convert-edge-1'],
    runTokens: [],
    objects: {
      'core/ConfigMap/kube-system/here': { kind: 'ConfigMap' },
      'core/ConfigMap/kube-system/absent': null,
    },
  })
  expect(facts.nodes.map(({ name, controlPlane }) => [name, controlPlane])).toEqual([
    ['edge-1', false],
    ['m1', true],
  ])
  expect(facts.apiVersions).toContain('apps/v1')
  expect(api.requests.every((request) => request.startsWith('GET '))).toBe(true)
})

it('finds controller managers without the label of kubeadm by their name', async () => {
  api.put(kcm('m1', mirror), object('v1', 'Pod', 'kube-controller-manager-imitation'))
  expect((await gatherClusterFacts(api.cluster, [])).kcmPods.map(({ node }) => node)).toEqual(['m1'])
})

it('says what it may not read', async () => {
  api.intercept((request) =>
    request.url?.includes('/secrets')
      ? { status: 403, body: { message: 'secrets is forbidden: User "dev" cannot list resource "secrets"' } }
      : undefined,
  )
  await expect(gatherClusterFacts(api.cluster, [])).rejects.toMatchObject({
    code: 'API_FORBIDDEN',
    message: 'cannot list Secret: secrets is forbidden: User "dev" cannot list resource "secrets"',
  })
})
