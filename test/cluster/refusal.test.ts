import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiError } from '../../src/cluster/api-errors.js'
import { tryNodeChanges, tryObject } from '../../src/cluster/trial.js'
import type { KubeObject, NodeChange } from '../../src/cluster/types.js'
import { deniesAnnotation } from '../../src/lab/api/admission.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { rows } from './rows.js'

it.each(rows<{ words: string; hint: string }>('refusals'))('words of $name', ({ words, hint }) => {
  const error = apiError('patch Node edge-1', { status: 403, text: JSON.stringify({ message: words }) })
  expect(error.message).toBe(`cannot patch Node edge-1: ${words}`)
  expect(error.hint).toContain(hint)
})

it('a failure that is none of admission keeps its hint', () => {
  expect(apiError('list Node', { status: 500, text: 'etcdserver: leader changed' }).hint).toContain(
    'overloaded or starting',
  )
})

describe('a trial', () => {
  let api: FakeApi
  beforeEach(async () => {
    api = await fakeApi()
    api.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-1' } })
  })
  afterEach(() => api.close())

  const webhook = (resources: string, denies?: string, sideEffects = 'None'): KubeObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policy', ...(denies ? { annotations: { [deniesAnnotation]: denies } } : {}) },
    webhooks: [
      {
        name: 'policy.example.com',
        sideEffects,
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: [resources] }],
        clientConfig: { service: { name: 'policy', namespace: 'policies' } },
      },
    ],
  })
  const change = (kind: NodeChange['kind'], key: string, value: string | null): NodeChange => ({
    kind,
    node: 'edge-1',
    key,
    value,
    before: null,
    reason: '',
  })
  const changes = [change('label', 'edge', 'true'), change('annotate', 'autonomy', 'true')]
  const node = () => api.objects.get('core/Node//edge-1')?.metadata
  const tried = () => tryNodeChanges(api.cluster, 'edge-1', changes, {})
  const map: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'ns' } }
  const apply = { kind: 'apply', object: map, before: null, reason: '' } as const

  it('that is taken changes nothing', async () => {
    expect([await tried(), await tryObject(api.cluster, apply, {})]).toEqual([undefined, undefined])
    expect(node()).not.toHaveProperty('labels')
    expect(node()).not.toHaveProperty('annotations')
    expect(api.objects.has('core/ConfigMap/ns/a')).toBe(false)
  })

  it('has the words of who denies it', async () => {
    api.put(webhook('nodes', 'no labels here'))
    expect(await tried()).toEqual({
      message:
        'cannot patch Node edge-1: admission webhook "policy.example.com" denied the request: no labels here',
      hint: expect.stringContaining('a policy behind webhook policy.example.com'),
      untried: false,
    })
    expect(await tryObject(api.cluster, apply, {})).toBeUndefined()
  })

  it('says which webhook does not answer', async () => {
    api.put(webhook('configmaps'))
    expect(await tryObject(api.cluster, apply, {})).toMatchObject({
      message: expect.stringContaining('no endpoints available for service "policy"'),
      hint: expect.stringContaining('webhook policy.example.com does not answer'),
    })
  })

  it('tells what a webhook with side effects leaves open', async () => {
    api.put(webhook('nodes', 'never', 'Some'))
    expect(await tried()).toMatchObject({ untried: true, hint: expect.stringContaining('side effects') })
  })

  it('has no verdict where nobody answers', async () => {
    await api.cluster.get({ apiVersion: 'v1', kind: 'Node', name: 'edge-1' })
    api.intercept(() => 'drop')
    await expect(tried()).rejects.toMatchObject({ code: 'API_UNREACHABLE' })
  })
})
