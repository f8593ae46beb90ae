import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readClusterInfo } from '../../src/cluster/cluster-info.js'
import { createRunToken, removeRunToken, runTokens } from '../../src/cluster/token.js'
import type { KubeObject } from '../../src/cluster/types.js'
import { YurtSshError } from '../../src/errors.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

let api: FakeApi
beforeEach(async () => {
  api = await fakeApi()
})
afterEach(() => api.close())

describe('the bootstrap token of a run', () => {
  const now = () => Date.UTC(2026, 0, 1)

  it('may authenticate, for a time, and nothing else', async () => {
    const { id, token, expires } = await createRunToken(api.cluster, { run: 'r1', ttlSeconds: 3600, now })
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
    expect(expires).toBe('2026-01-01T01:00:00Z')
    const secret = api.objects.get(`core/Secret/kube-system/bootstrap-token-${id}`)
    expect(secret).toMatchObject({
      type: 'bootstrap.kubernetes.io/token',
      metadata: { labels: { 'yurt-ssh.io/run': 'r1' } },
    })
    const values = Object.entries(secret?.data as Record<string, string>).map(
      ([key, value]) => [key, Buffer.from(value, 'base64').toString()] as const,
    )
    expect(Object.fromEntries(values)).toEqual({
      description: 'yurt-ssh run r1: lets hubs ask for their certificate',
      'token-id': id,
      'token-secret': token.split('.')[1],
      expiration: expires,
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    })
  })

  it('is found and removed', async () => {
    const { id } = await createRunToken(api.cluster, { run: 'r1', ttlSeconds: 60 })
    api.put({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-theirs', namespace: 'kube-system' },
    })
    expect(await runTokens(api.cluster)).toEqual([{ name: `bootstrap-token-${id}`, run: 'r1' }])
    await removeRunToken(api.cluster, id)
    await removeRunToken(api.cluster, id)
    expect(await runTokens(api.cluster)).toEqual([])
  })

  it('is never in an error, not even when the server repeats it', async () => {
    let sent = ''
    const cluster = {
      ...api.cluster,
      create: (object: KubeObject) => {
        sent = (object.stringData as Record<string, string>)['token-secret'] ?? ''
        return Promise.reject(new YurtSshError('API_INVALID', `no ${sent}`, { detail: sent, cause: sent }))
      },
    }
    const error = await createRunToken(cluster, { run: 'r1', ttlSeconds: 60 }).catch(
      (caught: unknown) => caught as YurtSshError,
    )
    expect(sent).toHaveLength(16)
    expect(error).toMatchObject({ code: 'API_INVALID', message: 'no …' })
    expect(inspect(error)).not.toContain(sent)
  })
})

describe('kube-public/cluster-info', () => {
  const put = (kubeconfig: string) =>
    api.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig },
    })

  it('is read without credentials', async () => {
    put(
      JSON.stringify({
        clusters: [{ cluster: { server: 'https://192.0.2.1:6443', 'certificate-authority-data': 'UEVN' } }],
      }),
    )
    expect(await readClusterInfo(api.cluster)).toEqual({
      readable: true,
      server: 'https://192.0.2.1:6443',
      certificateAuthority: 'PEM',
    })
  })

  it('may be missing', async () => {
    expect(await readClusterInfo(api.cluster)).toMatchObject({
      readable: false,
      problem: expect.stringContaining('is missing') as string,
    })
  })

  it.each(['', '[', '{"clusters": [{"cluster": {"server": "https://a"}}]}'])(
    'may hold nothing of use: %s',
    async (kubeconfig) => {
      put(kubeconfig)
      expect(await readClusterInfo(api.cluster)).toMatchObject({
        readable: false,
        problem: expect.stringContaining('holds no server') as string,
      })
    },
  )

  it.each([401, 403])('may be closed to anonymous readers: HTTP %i', async (status) => {
    api.intercept((request) =>
      request.headers.authorization === undefined ? { status, body: {} } : undefined,
    )
    expect(await readClusterInfo(api.cluster)).toMatchObject({
      readable: false,
      problem: expect.stringContaining('anonymously') as string,
    })
  })
})
