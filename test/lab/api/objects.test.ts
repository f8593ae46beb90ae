import { beforeEach, describe, expect, it } from 'vitest'
import { type Ask, map, maps, startApi } from './ask.js'

let api: Ask
beforeEach(() => {
  api = startApi()
})
const names = (items: { metadata: { name: string } }[]) => items.map(({ metadata }) => metadata.name)

describe('create', () => {
  it('gives an object its uid, time and version', async () => {
    const { code, metadata } = await api.ask('POST', maps, map('a'))
    expect(code).toBe(201)
    expect(metadata).toMatchObject({
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      resourceVersion: String(api.store.version()),
    })
  })

  it('makes a name from generateName', async () => {
    const { metadata } = await api.ask('POST', maps, { metadata: { generateName: 'run-' } })
    expect(metadata.name).toMatch(/^run-[a-z0-9]{5}$/)
  })

  it.each([
    ['a second one of the name', maps, map('there'), 409, 'AlreadyExists'],
    ['a name that is none', maps, map('A_b'), 422, 'Invalid'],
    ['no name', maps, { metadata: {} }, 422, 'Invalid'],
    ['a namespace that does not exist', '/api/v1/namespaces/no/configmaps', map('a'), 404, 'NotFound'],
    ['another kind than the path', maps, { ...map('a'), kind: 'Secret' }, 400, 'BadRequest'],
    ['a kind that is not served', '/api/v1/namespaces/default/gadgets', map('a'), 404, 'NotFound'],
    ['a namespaced kind without a namespace', '/api/v1/configmaps/a', map('a'), 404, 'NotFound'],
  ])('refuses %s', async (_, path, body, code, reason) => {
    await api.ask('POST', maps, map('there'))
    const method = path.endsWith('/a') ? 'PUT' : 'POST'
    expect(await api.ask(method, path, body)).toMatchObject({ kind: 'Status', code, reason })
  })

  it('stores nothing on a dry run', async () => {
    expect((await api.ask('POST', `${maps}?dryRun=All`, map('a'))).code).toBe(201)
    expect((await api.ask('GET', `${maps}/a`)).code).toBe(404)
  })
})

describe('update', () => {
  it('is refused when someone else was faster', async () => {
    const first = await api.ask('POST', maps, map('a', { x: '1' }))
    const { metadata } = await api.ask('PUT', `${maps}/a`, { ...first, data: { x: '2' } })
    expect(metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
    const late = await api.ask('PUT', `${maps}/a`, { ...first, data: { x: '3' } })
    expect(late).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining('the object has been modified') as string,
    })
    expect((await api.ask('GET', `${maps}/a`)).data).toEqual({ x: '2' })
  })

  it('writes nothing that is as it was', async () => {
    const { code: _code, ...first } = await api.ask('POST', maps, map('a', { x: '1' }))
    const version = api.store.version()
    await api.ask('PUT', `${maps}/a`, first)
    await api.ask('PATCH', `${maps}/a`, { data: { x: '1' } }, { type: 'application/merge-patch+json' })
    expect(api.store.version()).toBe(version)
  })

  it('keeps status and spec apart, and counts generations of the spec', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const selector = { matchLabels: { a: 'b' } }
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const made = await api.ask('POST', path, {
      metadata: { name: 'd' },
      spec: { selector, template },
      status: { replicas: 9 },
    })
    expect(made.status).toBeUndefined()
    expect(made.metadata).toMatchObject({ generation: 1 })
    const type = 'application/merge-patch+json'
    const both = { spec: { replicas: 3 }, status: { replicas: 3 } }
    const status = await api.ask('PATCH', `${path}/d/status`, both, { type })
    expect(status).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 3 },
      metadata: { generation: 1 },
    })
    const spec = await api.ask(
      'PATCH',
      `${path}/d`,
      { spec: { replicas: 2 }, status: { replicas: 7 } },
      { type },
    )
    expect(spec).toMatchObject({
      spec: { replicas: 2 },
      status: { replicas: 3 },
      metadata: { generation: 2 },
    })
    const other = { spec: { selector: { matchLabels: { a: 'c' } } } }
    expect(await api.ask('PATCH', `${path}/d`, other, { type })).toMatchObject({
      code: 422,
      reason: 'Invalid',
    })
  })
})

describe('list', () => {
  beforeEach(async () => {
    for (const [name, labels] of Object.entries({
      a: { app: 'x' },
      b: { app: 'y', old: '' },
      c: {},
      d: { app: 'x' },
    }))
      await api.ask('POST', maps, map(name, {}, labels as Record<string, string>))
  })

  it.each([
    ['app=x', ['a', 'd']],
    ['app==y', ['b']],
    ['app!=x', ['b', 'c']],
    ['app in (x,y),!old', ['a', 'd']],
    ['app notin (x)', ['b', 'c']],
    ['app', ['a', 'b', 'd']],
    ['!app', ['c']],
  ])('by label %s', async (selector, found) => {
    expect(
      names((await api.ask('GET', `${maps}?labelSelector=${encodeURIComponent(selector)}`)).items),
    ).toEqual(found)
  })

  it.each([
    ['metadata.name=b', ['b']],
    ['metadata.name!=b', ['a', 'c', 'd']],
  ])('by field %s', async (selector, found) => {
    expect(
      names((await api.ask('GET', `${maps}?fieldSelector=${encodeURIComponent(selector)}`)).items),
    ).toEqual(found)
  })

  it('refuses a selector that is none', async () => {
    expect((await api.ask('GET', `${maps}?labelSelector=${encodeURIComponent('a in x')}`)).code).toBe(400)
  })

  it('comes in pages', async () => {
    const first = await api.ask('GET', `${maps}?limit=3`)
    const { continue: token, remainingItemCount } = first.metadata as {
      continue?: string
      remainingItemCount?: number
    }
    expect([names(first.items), remainingItemCount]).toEqual([['a', 'b', 'c'], 1])
    const second = await api.ask('GET', `${maps}?limit=3&continue=${token}`)
    expect(names(second.items)).toEqual(['d'])
    expect(second.metadata).not.toHaveProperty('continue')
    expect((await api.ask('GET', `${maps}?continue=nonsense`)).code).toBe(400)
  })

  it('has items without kind, all namespaces in one', async () => {
    await api.ask('POST', '/api/v1/namespaces/kube-system/configmaps', map('e'))
    const { items, kind } = await api.ask('GET', '/api/v1/configmaps')
    expect(kind).toBe('ConfigMapList')
    expect(names(items)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(items[0]).not.toHaveProperty('kind')
  })
})

it('fills in what a real server fills in', async () => {
  const { data, type } = await api.ask('POST', '/api/v1/namespaces/default/secrets', {
    metadata: { name: 's' },
    stringData: { a: 'b' },
  })
  expect([data, type]).toEqual([{ a: 'Yg==' }, 'Opaque'])
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'r:5000/i' }] } }
  expect(await api.ask('POST', '/api/v1/namespaces/default/pods', pod)).toMatchObject({
    spec: {
      containers: [{ imagePullPolicy: 'Always' }],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: { phase: 'Pending' },
  })
})
