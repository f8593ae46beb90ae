import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { renderObjects } from '../../../src/cluster/manifests.js'
import { apiClient } from '../../../src/lab/api/client.js'
import { type OpenApi, openApi } from '../../../src/lab/api/server.js'
import { createClock } from '../../../src/lab/clock.js'
import type { Node, Pod } from '../../../src/lab/cluster/objects.js'
import { controllerManager } from '../../../src/lab/programs/controller-manager.js'
import { yurtControllerManager } from '../../../src/lab/programs/yurt-controller-manager.js'
import { type Kubelets, startKubelets } from './kubelets.js'
import { type Started, startProgram } from './start-program.js'

const clock = createClock(100)
const autonomy = { annotations: { 'node.beta.openyurt.io/autonomy': 'true' } }
let api: OpenApi
let kubelets: Kubelets
let manager: Started | undefined
const client = () => apiClient(api.send, 'admin')

beforeEach(async () => {
  api = await openApi({ clock })
  kubelets = startKubelets(api, clock)
})
afterEach(async () => {
  manager?.kill()
  kubelets.stop()
  await api.close()
})

const kcm = (...args: string[]) => {
  const user = 'system:kube-controller-manager'
  manager = startProgram(controllerManager, { api, clock, node: 'cp-1', user, args })
  return manager
}
/** With the rights that its templates give it, and no others. */
const ycm = () => {
  api.put(
    ...renderObjects('v0.6.1/yurt-controller-manager', { image: 'i', preferControlPlane: true }).slice(0, 3),
  )
  const user = 'system:serviceaccount:kube-system:yurt-controller-manager'
  manager = startProgram(yurtControllerManager, { api, clock, node: 'cp-1', user })
  return manager
}
const node = async (name: string) => (await client().get({ apiVersion: 'v1', kind: 'Node', name })) as Node
const podOn = async (name: string, tolerationSeconds?: number) => {
  const toleration = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
  const patience = tolerationSeconds === undefined ? {} : { tolerationSeconds }
  await client().create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `on-${name}`, namespace: 'default' },
    spec: {
      nodeName: name,
      containers: [{ name: 'c', image: 'i' }],
      tolerations: [{ ...toleration, ...patience }],
    },
  })
}
const pod = async (name: string) =>
  (await client().get({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'default',
    name: `on-${name}`,
  })) as Pod | null
const ready = async (name: string) =>
  (await node(name)).status?.conditions?.find(({ type }) => type === 'Ready')?.status
const taints = async (name: string) =>
  ((await node(name)).spec?.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`)
const eventually = (assertion: () => Promise<void>) =>
  vi.waitFor(assertion, { timeout: 10_000, interval: 10 })
/** Long enough for the node lifecycle to have evicted, had it wanted to. */
const later = () => clock.sleep(60_000)

describe.each([
  ['kube-controller-manager', kcm],
  ['yurt-controller-manager', ycm],
])('%s', (_, start) => {
  it('calls a silent node Unknown, taints it and evicts, by its pods’ patience; and is glad when it is back', async () => {
    for (const name of ['cp-1', 'edge-1', 'edge-2']) kubelets.join(name)
    await podOn('edge-1', 5)
    await podOn('edge-2', 5)
    start()
    await eventually(async () => expect(await ready('edge-1')).toBe('True'))
    await eventually(async () => expect((await pod('edge-1'))?.status?.phase).toBe('Running'))
    kubelets.silence('edge-1')
    await eventually(async () => expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeDefined())
    expect(await ready('edge-1')).toBe('Unknown')
    expect((await taints('edge-1')).toSorted()).toEqual(['unreachable:NoExecute', 'unreachable:NoSchedule'])
    expect((await pod('edge-1'))?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False' }),
    )
    expect((await pod('edge-2'))?.metadata.deletionTimestamp).toBeUndefined()
    kubelets.wake('edge-1')
    await eventually(async () => expect(await taints('edge-1')).toEqual([]))
    await eventually(async () => expect(await pod('edge-1')).toBeNull())
  })

  it('leaves a pod that tolerates it for ever', async () => {
    for (const name of ['cp-1', 'edge-1', 'edge-2']) kubelets.join(name)
    await podOn('edge-1')
    start()
    kubelets.silence('edge-1')
    await eventually(async () => expect(await taints('edge-1')).toContain('unreachable:NoExecute'))
    await clock.sleep(20_000)
    expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('evicts nothing when most nodes are silent', async () => {
    const names = ['cp-1', 'edge-1', 'edge-2', 'edge-3', 'edge-4']
    for (const name of names) kubelets.join(name)
    await podOn('edge-1', 0)
    start()
    await eventually(async () => expect(await ready('edge-4')).toBe('True'))
    for (const name of names.slice(1, 4)) kubelets.silence(name)
    await eventually(async () => {
      for (const name of names.slice(1, 4)) expect(await ready(name)).toBe('Unknown')
    })
    await later()
    expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeUndefined()
  })
})

it.each([
  ['kube-controller-manager evicts from an autonomous node', kcm, true],
  ['yurt-controller-manager does not', ycm, false],
])('%s', async (_, start, evicts) => {
  for (const name of ['cp-1', 'edge-2']) kubelets.join(name)
  kubelets.join('edge-1', autonomy)
  await podOn('edge-1', 0)
  start()
  await eventually(async () => expect(await ready('edge-1')).toBe('True'))
  kubelets.silence('edge-1')
  await eventually(async () => expect(await ready('edge-1')).toBe('Unknown'))
  if (evicts) {
    await eventually(async () => expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeDefined())
  } else {
    await eventually(async () => expect(await taints('edge-1')).toContain('unreachable:NoExecute'))
    await later()
    expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeUndefined()
  }
})

it('does nothing of the kind with -nodelifecycle', async () => {
  for (const name of ['cp-1', 'edge-1']) kubelets.join(name)
  await podOn('edge-1', 0)
  const { lines } = kcm('--controllers=*,-nodelifecycle,bootstrapsigner')
  await eventually(async () => expect(lines).toContain('"nodelifecycle" is disabled'))
  await eventually(async () => expect(await ready('edge-1')).toBe('True'))
  kubelets.silence('edge-1')
  await later()
  expect(await ready('edge-1')).toBe('True')
  expect((await pod('edge-1'))?.metadata.deletionTimestamp).toBeUndefined()
})
