import { beforeEach, expect, it } from 'vitest'
import { type Ask, map, maps, startApi } from './ask.js'

let api: Ask
beforeEach(() => {
  api = startApi()
})
const apply = (body: object, manager = 'me', force = false) =>
  api.ask('PATCH', `${maps}/a?fieldManager=${manager}&force=${force}`, body, {
    type: 'application/apply-patch+yaml',
  })

it('creates, and changes nothing the second time', async () => {
  const first = await apply(map('a', { x: '1' }))
  expect(first.code).toBe(201)
  expect(first.metadata).toMatchObject({
    managedFields: [{ manager: 'me', operation: 'Apply', fieldsV1: { 'f:data': { 'f:x': {} } } }],
  })
  const version = api.store.version()
  expect((await apply(map('a', { x: '1' }))).code).toBe(200)
  expect(api.store.version()).toBe(version)
})

it('removes what it no longer names, and leaves what others set', async () => {
  await apply(map('a', { x: '1', y: '2' }))
  await api.ask(
    'PATCH',
    `${maps}/a?fieldManager=you`,
    { data: { z: '3' } },
    { type: 'application/merge-patch+json' },
  )
  expect((await apply(map('a', { x: '1' }))).data).toEqual({ x: '1', z: '3' })
})

it('keeps a field that two of them own', async () => {
  await apply(map('a', { x: '1' }))
  await apply(map('a', { x: '1' }), 'you')
  expect((await apply(map('a'))).data).toEqual({ x: '1' })
  expect((await apply(map('a'), 'you')).data ?? {}).toEqual({})
})

it('reports a conflict, and takes the field over by force', async () => {
  await apply(map('a', { x: '1' }))
  const refused = await apply(map('a', { x: '2' }), 'you')
  expect(refused).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "me": .data.x',
  })
  expect((await apply(map('a', { x: '2' }), 'you', true)).data).toEqual({ x: '2' })
  // Nothing is left to the first one: letting go of it removes nothing.
  expect((await apply(map('a'))).data).toEqual({ x: '2' })
})

it('is in conflict with whoever changed the field by other means', async () => {
  await apply(map('a', { x: '1' }))
  await api.ask(
    'PATCH',
    `${maps}/a?fieldManager=kubectl`,
    { data: { x: '3' } },
    { type: 'application/merge-patch+json' },
  )
  expect(await apply(map('a', { x: '1' }))).toMatchObject({
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "kubectl": .data.x',
  })
})

it('merges lists by their key, beside defaults of the server', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  const pod = (...images: [string, string][]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: images.map(([name, image]) => ({ name, image })) },
  })
  const type = 'application/apply-patch+yaml'
  const as = (manager: string, body: object) =>
    api.ask('PATCH', `${pods}/p?fieldManager=${manager}`, body, { type })
  await as('me', pod(['a', 'a:1'], ['b', 'b:1']))
  const version = api.store.version()
  await as('me', pod(['a', 'a:1'], ['b', 'b:1']))
  expect(api.store.version()).toBe(version)
  const { spec } = await as('you', pod(['c', 'c:1']))
  expect(spec).toMatchObject({ containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })
})
