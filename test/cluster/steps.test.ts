import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownLabels } from '../../src/cluster/ownership.js'
import { changeNode, runClusterStep } from '../../src/cluster/steps.js'
import type { ClusterStep, KubeObject, NodeChange } from '../../src/cluster/types.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

let api: FakeApi
beforeEach(async () => {
  api = await fakeApi()
})
afterEach(() => api.close())

const run = (step: object) =>
  runClusterStep(api.cluster, { reason: 'test', ...step } as ClusterStep, { intervalMs: 5 })
const label = { kind: 'label', node: 'n', key: 'openyurt.io/is-edge-worker', value: 'true', before: null }
const node = (labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels },
})
const live = (key: string) => api.objects.get(key)
const map = (
  data: Record<string, string>,
  labels: Record<string, string> = { ...ownLabels },
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', namespace: 'kube-system', labels },
  data,
})
const mapRef = { apiVersion: 'v1', kind: 'ConfigMap', name: 'm', namespace: 'kube-system' }

/** Lets another client change the object between our read and our write, once. */
function interfere(key: string, change: (object: KubeObject) => void): void {
  let done = false
  api.intercept((request) => {
    if (request.method !== 'GET' && !done) {
      done = true
      api.touch(key, change)
    }
    return undefined
  })
}

describe('label and annotate', () => {
  it('sets one key and leaves the others', async () => {
    api.put(node({ other: 'x' }))
    expect(await run(label)).toBe('changed')
    expect(live('core/Node//n')?.metadata.labels).toEqual({
      other: 'x',
      'openyurt.io/is-edge-worker': 'true',
    })
  })

  it('removes a key', async () => {
    api.put(node({ 'openyurt.io/is-edge-worker': 'true' }))
    expect(await run({ ...label, value: null, before: 'true' })).toBe('changed')
    expect(live('core/Node//n')?.metadata.labels).toEqual({})
  })

  it('writes nothing when it is done already', async () => {
    api.put(node({ 'openyurt.io/is-edge-worker': 'true' }))
    expect(await run(label)).toBe('same')
    expect(api.requests.some((request) => request.startsWith('PATCH'))).toBe(false)
  })

  it('sets an annotation', async () => {
    api.put(node({}))
    expect(await run({ ...label, kind: 'annotate', key: 'node.beta.openyurt.io/autonomy' })).toBe('changed')
    expect(live('core/Node//n')?.metadata.annotations).toEqual({ 'node.beta.openyurt.io/autonomy': 'true' })
  })

  it('changes several keys of a node by one write, and nothing where one was changed since', async () => {
    const changes = [
      { reason: 'test', ...label },
      { reason: 'test', ...label, kind: 'annotate', key: 'node.beta.openyurt.io/autonomy' },
    ] as NodeChange[]
    api.put(node({}))
    expect(await changeNode(api.cluster, 'n', changes)).toBe('changed')
    expect(live('core/Node//n')?.metadata.labels).toEqual({ 'openyurt.io/is-edge-worker': 'true' })
    expect(live('core/Node//n')?.metadata.annotations).toEqual({ 'node.beta.openyurt.io/autonomy': 'true' })
    expect(api.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(1)

    api.touch('core/Node//n', ({ metadata }) => {
      metadata.labels = {}
      metadata.annotations = { 'node.beta.openyurt.io/autonomy': 'false' }
    })
    await expect(changeNode(api.cluster, 'n', changes)).rejects.toMatchObject({ code: 'CLUSTER_CHANGED' })
    expect(live('core/Node//n')?.metadata.labels).toEqual({})
  })

  it('refuses a key that changed since the plan', async () => {
    api.put(node({ 'openyurt.io/is-edge-worker': 'false' }))
    await expect(run(label)).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
      message: expect.stringContaining(
        'openyurt.io/is-edge-worker of node n is "false", it was absent',
      ) as string,
    })
  })

  it('refuses it too when it changes at the last moment', async () => {
    api.put(node({}))
    interfere('core/Node//n', (object) =>
      Object.assign(object.metadata.labels ?? {}, { 'openyurt.io/is-edge-worker': 'false' }),
    )
    await expect(run(label)).rejects.toMatchObject({ code: 'CLUSTER_CHANGED' })
  })

  it('is not held up by the kubelet writing its status', async () => {
    api.put(node({}))
    interfere('core/Node//n', (object) => Object.assign(object, { status: { phase: 'x' } }))
    expect(await run(label)).toBe('changed')
  })

  it('says when the node is gone', async () => {
    await expect(run(label)).rejects.toMatchObject({ code: 'CLUSTER_CHANGED' })
  })
})

describe('apply', () => {
  it('creates, changes what differs, and then nothing', async () => {
    expect(await run({ kind: 'apply', object: map({ a: '1' }), before: null })).toBe('changed')
    api.touch('core/ConfigMap/kube-system/m', (object) =>
      Object.assign(object.data as object, { theirs: 'x', a: '0' }),
    )
    expect(await run({ kind: 'apply', object: map({ a: '1' }), before: null })).toBe('changed')
    expect(live('core/ConfigMap/kube-system/m')?.data).toEqual({ theirs: 'x', a: '1' })
    expect(await run({ kind: 'apply', object: map({ a: '1' }), before: null })).toBe('same')
  })

  it('refuses an object of someone else', async () => {
    api.put(map({}, {}))
    await expect(run({ kind: 'apply', object: map({ a: '1' }), before: null })).rejects.toMatchObject({
      code: 'GUARD_FOREIGN_OBJECT',
    })
  })

  it('reads again when the object changed meanwhile', async () => {
    api.put(map({ a: '0' }))
    interfere('core/ConfigMap/kube-system/m', (object) => Object.assign(object.data as object, { b: '2' }))
    expect(await run({ kind: 'apply', object: map({ a: '1' }), before: null })).toBe('changed')
    expect(live('core/ConfigMap/kube-system/m')?.data).toEqual({ a: '1', b: '2' })
  })
})

describe('delete', () => {
  it('removes ours, and is fine with none', async () => {
    api.put(map({}))
    expect(await run({ kind: 'delete', ref: mapRef, before: null })).toBe('changed')
    expect(await run({ kind: 'delete', ref: mapRef, before: null })).toBe('same')
  })

  it('refuses an object without our label', async () => {
    api.put(map({}, {}))
    await expect(run({ kind: 'delete', ref: mapRef, before: null })).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
    })
    expect(live('core/ConfigMap/kube-system/m')).toBeDefined()
  })

  it('removes what a component of ours made by itself', async () => {
    const ref = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      name: 'yurt-controller-manager',
      namespace: 'kube-system',
    }
    api.put({
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: { name: ref.name, namespace: ref.namespace },
    })
    expect(await run({ kind: 'delete', ref, before: null })).toBe('changed')
  })

  it('refuses one that was replaced at the last moment', async () => {
    api.put(map({}))
    interfere('core/ConfigMap/kube-system/m', (object) => {
      object.metadata.uid = 'another'
    })
    await expect(run({ kind: 'delete', ref: mapRef, before: null })).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
    })
  })
})

it('waits', async () => {
  expect(
    await run({ kind: 'wait-pods-gone', namespace: 'kube-system', selector: 'app=x', timeoutSeconds: 1 }),
  ).toBe('same')
})
