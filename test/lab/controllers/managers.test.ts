import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { renderObjects } from '../../../src/cluster/manifests.js'
import { apiClient } from '../../../src/lab/api/client.js'
import { type OpenApi, openApi } from '../../../src/lab/api/server.js'
import { certificateRequest, readCertificate } from '../../../src/lab/certificates.js'
import { createClock } from '../../../src/lab/clock.js'
import { controllerManager } from '../../../src/lab/programs/controller-manager.js'
import { isEnabled } from '../../../src/lab/programs/controllers-flag.js'
import { yurtControllerManager } from '../../../src/lab/programs/yurt-controller-manager.js'
import { type Started, startProgram } from './start-program.js'

const clock = createClock(100)
let api: OpenApi
let started: Started[]
const client = () => apiClient(api.send, 'admin')

beforeEach(async () => {
  api = await openApi({ clock })
  started = []
})
afterEach(async () => {
  for (const program of started) program.kill()
  await api.close()
})

function start(
  args: string[] = [],
  node = 'cp-1',
  program = controllerManager,
  user = 'system:kube-controller-manager',
) {
  const running = startProgram(program, { api, clock, node, user, args })
  started.push(running)
  return running
}
const leader = async (name = 'kube-controller-manager') => {
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name }
  return ((await client().get(ref))?.spec as { holderIdentity?: string } | undefined)?.holderIdentity
}
const eventually = (assertion: () => Promise<void>) =>
  vi.waitFor(assertion, { timeout: 10_000, interval: 10 })

it.each([
  ['absent means all', ['*'], true],
  ['off behind', ['*', '-nodelifecycle'], false],
  ['off in front', ['-nodelifecycle', '*'], false],
  ['named without a star', ['nodelifecycle'], true],
  ['not named, no star', ['csrsigning'], false],
  ['the first mention wins', ['nodelifecycle', '-nodelifecycle'], true],
])('--controllers: %s', (_, list, on) => {
  expect(isEnabled('nodelifecycle', list)).toBe(on)
})

it('keeps off what is off by default', () => {
  expect(isEnabled('tokencleaner', ['*'])).toBe(false)
  expect(isEnabled('tokencleaner', ['*', 'tokencleaner'])).toBe(true)
})

describe('kube-controller-manager', () => {
  it.each([
    ['an unknown flag', ['--node-monitor-grace=1s'], 'Error: unknown flag: --node-monitor-grace'],
    [
      'an unknown controller',
      ['--controllers=*,-nodelife'],
      'Error: "nodelife" is not in the list of known controllers',
    ],
    ['a flag without its value', ['--kubeconfig'], 'Error: flag needs an argument: --kubeconfig'],
    ['a stray word', ['-nodelifecycle,*'], 'Error: unknown flag: --nodelifecycle,*'],
  ])('exits on %s', async (_, args, line) => {
    const program = start(args)
    expect(await program.exited).toBe(1)
    expect(program.lines).toEqual([line])
    expect(program.serve?.(10257, { method: 'GET', path: '/healthz', user: '' })).toBeUndefined()
  })

  it('serves its health on its port', async () => {
    const program = start(['--secure-port', '10357'])
    const request = { method: 'GET', path: '/healthz', user: '' }
    expect(await program.serve?.(10357, request)).toEqual({ status: 200, body: 'ok' })
    expect(program.serve?.(10257, request)).toBeUndefined()
    program.kill()
    expect(program.serve?.(10357, request)).toBeUndefined()
  })

  it('has one leader, and another one when it is gone', async () => {
    const first = start([], 'cp-1')
    await eventually(async () => expect(await leader()).toBe(first.identity))
    const second = start([], 'cp-2')
    await clock.sleep(20_000)
    expect(await leader()).toBe(first.identity)
    first.kill()
    expect(await first.exited).toBe(137)
    await eventually(async () => expect(await leader()).toBe(second.identity))
  })

  it('gives up the lead when the API is away for 10 s; who only waits, waits on', async () => {
    const first = start([], 'cp-1')
    await eventually(async () => expect(await leader()).toBe(first.identity))
    const second = start([], 'cp-2')
    api.behave('gone')
    expect(await first.exited).toBe(1)
    expect(first.lines.at(-1)).toBe('leaderelection lost')
    api.behave('up')
    await eventually(async () => expect(await leader()).toBe(second.identity))
  })

  it('is not deterred by a moment without an API', async () => {
    const program = start()
    await eventually(async () => expect(await leader()).toBe(program.identity))
    api.behave('failing')
    await clock.sleep(4000)
    api.behave('up')
    await clock.sleep(20_000)
    expect(await leader()).toBe(program.identity)
    expect(program.lines).not.toContain('leaderelection lost')
  })
})

describe('certificates', () => {
  const request = (organizations: string[]) => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'hub' },
    spec: {
      request: certificateRequest({ commonName: 'system:node:edge-1', organizations }),
      signerName: 'kubernetes.io/legacy-unknown',
      usages: ['client auth'],
    },
  })
  const ycm = () => {
    const objects = renderObjects('v0.6.1/yurt-controller-manager', { image: 'i', preferControlPlane: true })
    api.put(...objects.slice(0, 3))
    return start(
      [],
      'cp-1',
      yurtControllerManager,
      'system:serviceaccount:kube-system:yurt-controller-manager',
    )
  }
  const status = async () =>
    (await client().get({ ...request([]), name: 'hub' }))?.status as
      | { conditions?: { type: string }[]; certificate?: string }
      | undefined

  it('of hubs are approved by one manager and issued by the other', async () => {
    start()
    ycm()
    await client().create(request(['openyurt:yurthub', 'system:nodes']))
    await eventually(async () => expect((await status())?.certificate).toBeDefined())
    expect(readCertificate((await status())?.certificate ?? '')).toMatchObject({
      commonName: 'system:node:edge-1',
      signer: 'kubernetes.io/legacy-unknown',
    })
  })

  it('of others are nobody’s to approve', async () => {
    start()
    const { identity } = ycm()
    await client().create(request(['system:nodes']))
    await eventually(async () => expect(await leader('yurt-controller-manager')).toBe(identity))
    await clock.sleep(5000)
    expect(await status()).toBeUndefined()
  })

  it('are not issued with csrsigning off', async () => {
    const { identity } = start(['--controllers=*,-csrsigning'])
    ycm()
    await client().create(request(['openyurt:yurthub']))
    await eventually(async () => expect((await status())?.conditions).toMatchObject([{ type: 'Approved' }]))
    await eventually(async () => expect(await leader()).toBe(identity))
    await clock.sleep(5000)
    expect((await status())?.certificate).toBeUndefined()
  })
})
