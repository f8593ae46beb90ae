import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCluster } from '../../src/cluster/client.js'
import type { KubeObject } from '../../src/cluster/types.js'
import type { YurtSshError } from '../../src/errors.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

let api: FakeApi
const map: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'ns' },
  data: { x: '1' },
}
const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'ns' }

beforeEach(async () => {
  api = await fakeApi({ retrySeconds: 2 })
})
afterEach(() => api.close())

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as YurtSshError,
  )

describe('objects', () => {
  it('creates, reads, patches, lists and deletes', async () => {
    const { cluster } = api
    expect(await cluster.get(ref)).toBeNull()
    await cluster.create(map)
    expect(await cluster.patch(ref, { data: { y: '2' } }, 'merge')).toMatchObject({
      data: { x: '1', y: '2' },
    })
    expect(await cluster.list('v1', 'ConfigMap', { namespace: 'ns' })).toHaveLength(1)
    expect(await cluster.list('v1', 'ConfigMap', { namespace: 'other' })).toEqual([])
    await cluster.delete(ref)
    expect(await cluster.get(ref)).toBeNull()
  })

  it('changes nothing in a dry run', async () => {
    const { cluster } = api
    expect(await cluster.create(map, { dryRun: true })).toMatchObject({ data: { x: '1' } })
    expect(await cluster.get(ref)).toBeNull()
    await cluster.create(map)
    expect(await cluster.patch(ref, { data: { x: '2' } }, 'merge', { dryRun: true })).toMatchObject({
      data: { x: '2' },
    })
    expect(await cluster.get(ref)).toMatchObject({ data: { x: '1' } })
  })

  it('sends many requests at a time with one signal, without a warning of Node.js', async () => {
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 12 }, () => api.cluster.get(ref, { signal })))
    await setImmediate()
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })

  it.each([
    ['the version', 'version'],
    ['the groups', 'apiVersions'],
  ] as const)('asks for %s no longer once the run is interrupted', async (_, what) => {
    expect(await caught(api.cluster[what]({ signal: AbortSignal.abort() }))).toMatchObject({
      code: 'INTERRUPTED',
    })
  })

  it('knows the version and the groups', async () => {
    expect(await api.cluster.version()).toBe('v1.20.2')
    expect(await api.cluster.apiVersions()).toContain('coordination.k8s.io/v1')
  })

  it('reads a kind that is not served as absent, and refuses to list it', async () => {
    const pool = { apiVersion: 'apps.openyurt.io/v1alpha1', kind: 'NodePool', name: 'p' }
    expect(await api.cluster.get(pool)).toBeNull()
    expect(await caught(api.cluster.list(pool.apiVersion, pool.kind))).toMatchObject({
      code: 'API_NOT_FOUND',
    })
  })

  it('lets as many requests as there are hosts listen to one signal, without a warning of Node.js', async () => {
    const warnings: string[] = []
    const warned = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', warned)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 30 }, () => api.cluster.get(ref, { signal })))
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })

  it('asks for the resources of a group once', async () => {
    await api.cluster.get(ref)
    await api.cluster.get(ref)
    expect(api.requests.filter((request) => request === 'GET /api/v1')).toHaveLength(1)
  })

  it.each([
    ['merge', 'application/merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
  ] as const)('sends a %s patch as %s', async (kind, type) => {
    api.put(map)
    let seen: string | undefined
    api.intercept((request) => {
      if (request.method !== 'PATCH') return undefined
      seen = request.headers['content-type']
      return { status: 200, body: map }
    })
    await api.cluster.patch(ref, [], kind)
    expect(seen).toBe(type)
  })

  it('sends credentials, and none when asked anonymously', async () => {
    const info = { ...ref, name: 'cluster-info', namespace: 'kube-public' }
    const seen: (string | undefined)[] = []
    api.intercept((request) => {
      if (request.url?.endsWith('/cluster-info')) seen.push(request.headers.authorization)
      return undefined
    })
    await api.cluster.get(info)
    await api.cluster.getAnonymously(info)
    expect(seen).toEqual(['Bearer not-a-secret', undefined])
  })

  it('deletes only the object it saw', async () => {
    api.put(map)
    expect(await caught(api.cluster.delete(ref, { uid: 'another' }))).toMatchObject({ code: 'API_CONFLICT' })
  })
})

describe('failures', () => {
  it.each([
    [401, 'API_UNAUTHORIZED'],
    [403, 'API_FORBIDDEN'],
    [409, 'API_CONFLICT'],
    [422, 'API_INVALID'],
    [500, 'API_UNAVAILABLE'],
  ])('names HTTP %i %s with the verb, the object and the words of the server', async (status, code) => {
    await api.cluster.get(ref)
    api.intercept(() => ({ status, body: { kind: 'Status', message: 'because' } }))
    const error = await caught(api.cluster.delete(ref))
    expect(error).toMatchObject({ code })
    expect(error?.message).toBe('cannot delete ConfigMap ns/a: because')
  })

  it('repeats a read on a lost connection, never a write', async () => {
    await api.cluster.get(ref)
    let drops = 0
    api.intercept(() => (++drops <= 2 ? 'drop' : undefined))
    expect(await api.cluster.get(ref)).toBeNull()
    drops = 0
    expect(await caught(api.cluster.create(map))).toMatchObject({ code: 'API_UNREACHABLE' })
    expect(drops).toBe(1)
  })

  it('gives up on a read after a bounded time', async () => {
    await api.cluster.get(ref)
    api.intercept(() => ({ status: 503, body: 'no healthy upstream' }))
    expect((await caught(api.cluster.get(ref)))?.message).toBe(
      'cannot get ConfigMap ns/a: no healthy upstream',
    )
  })

  it('does not wait for ever for an answer', async () => {
    await api.cluster.get(ref)
    api.intercept(() => 'hang')
    expect(await caught(api.cluster.get(ref, { timeoutSeconds: 0.1 }))).toMatchObject({ code: 'API_TIMEOUT' })
  })

  it('stops at once when aborted', async () => {
    await api.cluster.get(ref)
    api.intercept(() => 'hang')
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 50)
    expect(await caught(api.cluster.get(ref, { signal: abort.signal }))).toMatchObject({
      code: 'INTERRUPTED',
    })
  })
})

describe('kubeconfig', () => {
  it.each([
    ['is not there', undefined, 'does not exist'],
    ['is not YAML, without showing its text', 'users:\n- user: {token: hunter2\nx: [', 'is not YAML'],
    ['is empty', '', 'is not a kubeconfig'],
    ['has no context', '{"clusters": [], "users": [], "contexts": []}', 'names no current context'],
    [
      'has an entry without a server',
      '{"clusters": [{"name": "a", "cluster": {}}]}',
      'clusters[0].cluster.server is missing',
    ],
  ])('%s', async (_, text, message) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'yurt-ssh-'))
    const kubeconfig = path.join(folder, 'config')
    if (text !== undefined) await writeFile(kubeconfig, text)
    const error = await caught(openCluster({ kubeconfig }))
    await rm(folder, { recursive: true })
    expect(error).toMatchObject({ code: 'KUBECONFIG_INVALID' })
    expect(error?.message).toContain(kubeconfig)
    expect(error?.message).toContain(message)
    expect(JSON.stringify(error) + error?.stack + String(error?.cause)).not.toContain('hunter2')
  })

  it('has no such context', async () => {
    const error = await caught(openCluster({ kubeconfig: api.kubeconfig, context: 'other' }))
    expect(error?.message).toContain('has no context other')
  })
})
