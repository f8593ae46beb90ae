import { beforeEach, describe, expect, it } from 'vitest'
import { clusterInfoAccess } from '../../../src/lab/cluster/rbac-seed.js'
import { type Ask, map, maps, startApi } from './ask.js'

const lease = (name: string) => ({ metadata: { name }, spec: { holderIdentity: name } })
const mirror = (node: string) => ({
  metadata: { name: `p-${node}`, annotations: { 'kubernetes.io/config.mirror': 'h' } },
  spec: { nodeName: node, containers: [{ name: 'c', image: 'i:1' }] },
})
const nodes = '/api/v1/nodes'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const pods = '/api/v1/namespaces/kube-system/pods'
const merge = { type: 'application/merge-patch+json' }
let api: Ask

beforeEach(() => {
  api = startApi({
    objects: [
      ...['edge-1', 'edge-2'].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })),
      ...clusterInfoAccess,
      { ...map('cluster-info'), metadata: { name: 'cluster-info', namespace: 'kube-public' } },
    ],
  })
})

describe('a node', () => {
  it.each<[string, string, string, object | undefined, number, string?]>([
    ['reads all nodes', 'GET', nodes, undefined, 200],
    ['makes its Node', 'POST', nodes, { metadata: { name: 'edge-3' } }, 201, 'edge-3'],
    ['makes no other', 'POST', nodes, { metadata: { name: 'edge-4' } }, 403],
    ['posts its status', 'PATCH', `${nodes}/edge-1/status`, { status: {} }, 200],
    ['posts no other’s status', 'PATCH', `${nodes}/edge-2/status`, { status: {} }, 403],
    ['labels itself', 'PATCH', `${nodes}/edge-1`, { metadata: { labels: { a: 'b' } } }, 200],
    ['deletes no Node', 'DELETE', `${nodes}/edge-1`, undefined, 403],
    ['makes its Lease', 'POST', leases, lease('edge-1'), 201],
    ['makes no other Lease', 'POST', leases, lease('edge-2'), 403],
    ['mirrors its static pods', 'POST', pods, mirror('edge-1'), 201],
    ['mirrors no other’s', 'POST', pods, mirror('edge-2'), 403],
    ['makes no pods of its own', 'POST', pods, { ...mirror('edge-1'), metadata: { name: 'p' } }, 403],
    ['writes no ConfigMaps', 'POST', maps, map('a'), 403],
    [
      'asks for certificates',
      'POST',
      '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      { metadata: { name: 'c' }, spec: {} },
      201,
    ],
  ])('%s', async (_, method, path, body, code, name = 'edge-1') => {
    expect((await api.ask(method, path, body, { ...merge, user: `system:node:${name}` })).code).toBe(code)
  })

  it('is known by name in its requests for certificates', async () => {
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
    const asked = { metadata: { name: 'c' }, spec: { request: 'x', username: 'admin' } }
    expect(await api.ask('POST', path, asked, { user: 'system:node:edge-1' })).toMatchObject({
      spec: { username: 'system:node:edge-1', groups: ['system:nodes', 'system:authenticated'] },
    })
  })

  it('touches only the pods that run on it', async () => {
    await api.ask('POST', pods, mirror('edge-1'))
    const status = (user: string) =>
      api.ask('PATCH', `${pods}/p-edge-1/status`, { status: {} }, { ...merge, user })
    expect((await status('system:node:edge-2')).code).toBe(403)
    expect((await status('system:node:edge-1')).code).toBe(200)
    expect((await api.ask('DELETE', `${pods}/p-edge-1`, {}, { user: 'system:node:edge-2' })).code).toBe(403)
    expect(
      (await api.ask('DELETE', `${pods}/p-edge-1`, { gracePeriodSeconds: 0 }, { user: 'system:node:edge-1' }))
        .code,
    ).toBe(200)
  })
})

it.each([
  ['/version', 200],
  ['/healthz', 200],
  ['/api', 403],
  ['/api/v1/nodes', 403],
  ['/api/v1/namespaces/kube-public/configmaps/cluster-info', 200],
  ['/api/v1/namespaces/kube-public/configmaps', 403],
  ['/api/v1/namespaces/kube-system/secrets', 403],
])('nobody may read %s: %i', async (path, code) => {
  expect((await api.ask('GET', path, undefined, { user: 'system:anonymous' })).code).toBe(code)
})

it('lets a ServiceAccount do what its roles say, and says what it may not', async () => {
  const user = 'system:serviceaccount:default:reader'
  const refused = await api.ask('GET', `${maps}/a`, undefined, { user })
  expect(refused).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `configmaps "a" is forbidden: User "${user}" cannot get resource "configmaps" in API group "" in the namespace "default"`,
  })
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get'] }]
  await api.ask('POST', `${rbac}/clusterroles`, { metadata: { name: 'reader' }, rules })
  await api.ask('POST', `${rbac}/namespaces/default/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
  })
  await api.ask('POST', maps, map('a'))
  await api.ask('POST', '/api/v1/namespaces/kube-system/configmaps', map('a'))
  const get = async (path: string) => (await api.ask('GET', path, undefined, { user })).code
  expect(await get(`${maps}/a`)).toBe(200)
  expect(await get(`${maps}/b`)).toBe(403)
  expect(await get('/api/v1/namespaces/kube-system/configmaps/a')).toBe(403)
  expect((await api.ask('DELETE', `${maps}/a`, undefined, { user })).code).toBe(403)
})
