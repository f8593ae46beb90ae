import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiClient } from '../../../src/lab/api/client.js'
import { type OpenApi, openApi } from '../../../src/lab/api/server.js'
import type { WatchEvent } from '../../../src/lab/api/watch.js'
import { createClock } from '../../../src/lab/clock.js'
import { map, maps } from './ask.js'

let api: OpenApi
const aborts: AbortController[] = []
const client = () => apiClient(api.send, 'admin')
const headers = { authorization: 'Bearer secret' }

beforeEach(async () => {
  api = await openApi({
    clock: createClock(1000),
    token: 'secret',
    readLog: ({ pod }) => (pod === 'p' ? 'a\nb\nc\n' : undefined),
  })
})
afterEach(async () => {
  for (const abort of aborts.splice(0)) abort.abort()
  await api.close()
})

/** Follows a watch; the events grow as they come. */
async function watch(query: string): Promise<{ events: WatchEvent[]; ended: Promise<void> }> {
  const abort = new AbortController()
  aborts.push(abort)
  const response = await fetch(`${api.url}${maps}?watch=true&${query}`, { headers, signal: abort.signal })
  const events: WatchEvent[] = []
  async function read(): Promise<void> {
    let text = ''
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece as Uint8Array).toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent))
    }
  }
  return { events, ended: read().catch(() => {}) }
}
const seen = ({ events }: { events: WatchEvent[] }) =>
  events.map(({ type, object }) => `${type} ${(object as { metadata?: { name?: string } }).metadata?.name}`)
const put = (name: string, labels: Record<string, string> = {}) =>
  api.put({ ...map(name, {}, labels), metadata: { name, namespace: 'default', labels } })

describe('watch', () => {
  it('tells what is there and what changes', async () => {
    put('a')
    const watching = await watch('')
    put('b')
    put('a')
    await client().delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' })
    api.put({ ...map('elsewhere'), metadata: { name: 'elsewhere', namespace: 'kube-system' } })
    put('c')
    await vi.waitFor(() =>
      expect(seen(watching)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED a', 'ADDED c']),
    )
  })

  it('goes on from a resourceVersion', async () => {
    put('a')
    const version = api.store.version()
    put('b')
    const watching = await watch(`resourceVersion=${version}`)
    put('c')
    await vi.waitFor(() => expect(seen(watching)).toEqual(['ADDED b', 'ADDED c']))
  })

  it('lets objects come and go with their labels', async () => {
    put('a')
    const watching = await watch('labelSelector=x%3Dy')
    put('a', { x: 'y' })
    put('a', { x: 'y', z: '' })
    put('a')
    await vi.waitFor(() => expect(seen(watching)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']))
  })

  it('ends with 410 when it starts too far back', async () => {
    for (let count = 0; count < 5000; count++) put('a')
    const watching = await watch('resourceVersion=1')
    await watching.ended
    expect(watching.events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }])
  })

  it('ends when its time is over', async () => {
    await (await watch('timeoutSeconds=1')).ended
  })
})

describe('credentials', () => {
  it.each([
    ['Bearer secret', 200],
    ['Bearer other', 401],
    ['Basic secret', 401],
    [undefined, 403],
  ])('%s: %i', async (authorization, status) => {
    const response = await fetch(`${api.url}/api/v1/nodes`, {
      headers: authorization ? { authorization } : {},
    })
    expect(response.status).toBe(status)
    expect(((await response.json()) as { kind: string }).kind).toBe(status === 200 ? 'NodeList' : 'Status')
  })
})

describe('health', () => {
  const get = () => fetch(`${api.url}/readyz`).then((response) => response.status)
  const send = () => api.send({ method: 'GET', path: '/readyz', user: 'admin' })

  it('fails, goes and comes back, on the wire and within', async () => {
    expect(await get()).toBe(200)
    api.behave('failing')
    expect([await get(), (await send()).status]).toEqual([500, 500])
    api.behave('gone')
    await expect(get()).rejects.toThrow()
    await expect(send()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    api.behave('slow')
    const slow = createClock(1000)
    const before = slow.now()
    expect(await get()).toBe(200)
    expect(slow.now() - before).toBeGreaterThanOrEqual(1999)
    api.behave('up')
    expect([await get(), (await send()).body]).toEqual([200, 'ok'])
  })

  it('breaks watches when it goes', async () => {
    const { ended } = await watch('')
    api.behave('gone')
    await ended
  })
})

it('remembers who asked for what', async () => {
  await fetch(`${api.url}/version`)
  await client().get({ apiVersion: 'v1', kind: 'Node', name: 'n' })
  expect(api.requests).toEqual(['GET /version system:anonymous', 'GET /api/v1/nodes/n admin'])
})

it('shows logs that someone keeps', async () => {
  for (const name of ['p', 'q'])
    api.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } })
  const log = (path: string) =>
    api.send({ method: 'GET', path: `/api/v1/namespaces/default/pods/${path}`, user: 'admin' })
  expect(await log('p/log')).toEqual({ status: 200, body: 'a\nb\nc\n' })
  expect((await log('p/log?tailLines=2')).body).toBe('b\nc\n')
  expect((await log('q/log')).status).toBe(400)
  expect((await log('r/log')).status).toBe(404)
})
