import { beforeEach, describe, expect, it } from 'vitest'
import { type Ask, map, maps, startApi } from './ask.js'

let api: Ask
beforeEach(() => {
  api = startApi()
})
const exists = async (path: string) => (await api.ask('GET', path)).code === 200
const merge = { type: 'application/merge-patch+json' }
const ownedBy = async (...owners: string[]) => {
  const ownerReferences = await Promise.all(
    owners.map(async (name) => {
      const { metadata } = await api.ask('GET', `${maps}/${name}`)
      return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid, controller: true }
    }),
  )
  await api.ask('POST', maps, { ...map('child'), metadata: { name: 'child', ownerReferences } })
}

describe('dependents', () => {
  beforeEach(async () => {
    await api.ask('POST', maps, map('owner'))
    await api.ask('POST', maps, map('other'))
  })

  it.each([
    ['Background', false],
    ['Foreground', false],
    ['Orphan', true],
  ])('%s', async (propagationPolicy, left) => {
    await ownedBy('owner')
    await api.ask('DELETE', `${maps}/owner`, { propagationPolicy })
    expect(await exists(`${maps}/owner`)).toBe(false)
    expect(await exists(`${maps}/child`)).toBe(left)
    if (left) expect((await api.ask('GET', `${maps}/child`)).metadata).toMatchObject({ ownerReferences: [] })
  })

  it('stay while they have another owner', async () => {
    await ownedBy('owner', 'other')
    await api.ask('DELETE', `${maps}/owner`)
    expect(await exists(`${maps}/child`)).toBe(true)
    await api.ask('DELETE', `${maps}/other`)
    expect(await exists(`${maps}/child`)).toBe(false)
  })

  it('hold an owner that is deleted in the foreground', async () => {
    await ownedBy('owner')
    await api.ask('PATCH', `${maps}/child`, { metadata: { finalizers: ['x/y'] } }, merge)
    await api.ask('DELETE', `${maps}/owner`, { propagationPolicy: 'Foreground' })
    expect((await api.ask('GET', `${maps}/owner`)).metadata.deletionTimestamp).toBeDefined()
    await api.ask('PATCH', `${maps}/child`, { metadata: { finalizers: null } }, merge)
    expect(await exists(`${maps}/owner`)).toBe(false)
  })
})

it('waits for finalizers', async () => {
  await api.ask('POST', maps, { ...map('a'), metadata: { name: 'a', finalizers: ['x/y'] } })
  await api.ask('DELETE', `${maps}/a`)
  expect((await api.ask('GET', `${maps}/a`)).metadata.deletionTimestamp).toBeDefined()
  await api.ask('PATCH', `${maps}/a`, { metadata: { finalizers: [] } }, merge)
  expect(await exists(`${maps}/a`)).toBe(false)
})

it.each([['uid'], ['resourceVersion']])('wants the %s that the caller saw', async (field) => {
  const { metadata } = await api.ask('POST', maps, map('a'))
  const wrong = await api.ask('DELETE', `${maps}/a`, { preconditions: { [field]: 'other' } })
  expect(wrong).toMatchObject({ code: 409, reason: 'Conflict' })
  const seen = (metadata as Record<string, unknown>)[field]
  expect((await api.ask('DELETE', `${maps}/a`, { preconditions: { [field]: seen } })).code).toBe(200)
})

it('leaves a pod on a node to its kubelet', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  const containers = [{ name: 'c', image: 'i:1' }]
  await api.ask('POST', pods, { metadata: { name: 'p' }, spec: { nodeName: 'n', containers } })
  await api.ask('DELETE', `${pods}/p`)
  const { metadata } = await api.ask('GET', `${pods}/p`)
  expect(metadata).toMatchObject({
    deletionGracePeriodSeconds: 30,
    deletionTimestamp: expect.any(String) as string,
  })
  await api.ask('DELETE', `${pods}/p`, { gracePeriodSeconds: 0 })
  expect(await exists(`${pods}/p`)).toBe(false)
})

it('deletes a collection by label', async () => {
  await api.ask('POST', maps, map('a', {}, { x: 'y' }))
  await api.ask('POST', maps, map('b'))
  await api.ask('DELETE', `${maps}?labelSelector=x%3Dy`)
  expect((await api.ask('GET', maps)).items.map(({ metadata }) => metadata.name)).toEqual(['b'])
})
