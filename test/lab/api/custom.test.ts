import { expect, it } from 'vitest'
import { type Ask, startApi } from './ask.js'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const definition = (status: boolean) => ({
  metadata: { name: 'nodepools.apps.openyurt.io' },
  spec: {
    group: 'apps.openyurt.io',
    scope: 'Cluster',
    names: { kind: 'NodePool', plural: 'nodepools' },
    versions: [
      { name: 'v1alpha1', served: true, storage: true, ...(status ? { subresources: { status: {} } } : {}) },
    ],
  },
})
const pools = '/apis/apps.openyurt.io/v1alpha1/nodepools'
const merge = { type: 'application/merge-patch+json' }
const kindsOf = async (api: Ask, path: string) =>
  ((await api.ask('GET', path)) as unknown as { resources: { name: string; kind: string }[] }).resources?.map(
    ({ name }) => name,
  )

it('serves the kinds of definitions, and takes their objects along with them', async () => {
  const api = startApi()
  expect((await api.ask('GET', pools)).code).toBe(404)
  const made = await api.ask('POST', definitions, definition(true))
  expect(made.status).toMatchObject({ acceptedNames: { kind: 'NodePool' }, storedVersions: ['v1alpha1'] })
  expect(await kindsOf(api, '/apis/apps.openyurt.io/v1alpha1')).toEqual(['nodepools', 'nodepools/status'])
  const pool = await api.ask('POST', pools, {
    metadata: { name: 'p' },
    spec: { type: 'Edge' },
    status: { x: 1 },
  })
  expect(pool).toMatchObject({ code: 201, kind: 'NodePool', metadata: { generation: 1 } })
  expect(pool.status).toBeUndefined()
  await api.ask('PATCH', `${pools}/p/status`, { status: { readyNodeNum: 1 } }, merge)
  const changed = await api.ask('PATCH', `${pools}/p`, { spec: { type: 'Cloud' } }, merge)
  expect(changed).toMatchObject({ status: { readyNodeNum: 1 }, metadata: { generation: 2 } })
  expect((await api.ask('GET', pools)).items[0]).toMatchObject({ kind: 'NodePool' })
  const strategic = { type: 'application/strategic-merge-patch+json' }
  expect((await api.ask('PATCH', `${pools}/p`, {}, strategic)).code).toBe(415)
  await api.ask('DELETE', `${definitions}/nodepools.apps.openyurt.io`)
  expect((await api.ask('GET', pools)).code).toBe(404)
  expect([...api.store.objects.values()].filter(({ kind }) => kind === 'NodePool')).toEqual([])
})

it('has a status subresource only where the definition says so', async () => {
  const api = startApi()
  await api.ask('POST', definitions, definition(false))
  expect(await kindsOf(api, '/apis/apps.openyurt.io/v1alpha1')).toEqual(['nodepools'])
  expect((await api.ask('GET', `${pools}/p/status`)).code).toBe(404)
})

it.each([
  ['v1.15.12', ['v1beta1']],
  ['v1.20.2', ['v1', 'v1beta1']],
  ['v1.22.0', ['v1']],
])('%s serves definitions as %j', async (gitVersion, versions) => {
  const api = startApi({ gitVersion })
  const { groups } = (await api.ask('GET', '/apis')) as unknown as {
    groups: { name: string; versions: { version: string }[] }[]
  }
  const group = groups.find(({ name }) => name === 'apiextensions.k8s.io')
  expect(group?.versions.map(({ version }) => version)).toEqual(versions)
  expect((await api.ask('GET', '/version')) as object).toMatchObject({ gitVersion })
})

it('shows an object in the version that is asked for', async () => {
  const api = startApi()
  const path = (version: string) => `/apis/certificates.k8s.io/${version}/certificatesigningrequests`
  await api.ask('POST', path('v1beta1'), { metadata: { name: 'c' }, spec: {} })
  expect((await api.ask('GET', `${path('v1')}/c`)).apiVersion).toBe('certificates.k8s.io/v1')
})
