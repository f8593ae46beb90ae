import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unproven, waitLeaseHeld } from '../../src/cluster/lease-wait.js'
import { waitMirrorPod, waitNodeReady } from '../../src/cluster/node-waits.js'
import { pauseAfter } from '../../src/cluster/poll.js'
import type { KubeObject } from '../../src/cluster/types.js'
import { unavailable, waitDeployment, waitPodsGone } from '../../src/cluster/waits.js'
import type { YurtSshError } from '../../src/errors.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { rows } from './rows.js'

interface DeploymentRow {
  generation: number
  spec: object
  status?: object
  missing: string | null
}

it.each(rows<DeploymentRow>('deployments'))(
  'a Deployment: $name',
  ({ generation, spec, status, missing }) => {
    expect(
      unavailable({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd', generation } as KubeObject['metadata'],
        spec,
        status,
      }),
    ).toBe(missing)
  },
)

interface PodRow {
  node: string
  started: string
  deleted?: string
}

interface LeaseRow {
  lease?: { holderIdentity?: string; renewTime?: string }
  before?: { holderIdentity?: string; renewTime?: string }
  pods: PodRow[]
  missing: string | null
}

function pod(
  name: string,
  { node, started, deleted }: PodRow,
  labels: Record<string, string> = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels, ...(deleted ? { deletionTimestamp: deleted } : {}) },
    spec: { nodeName: node },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'c', ready: true, restartCount: 0, state: { running: { startedAt: started } } },
      ],
    },
  }
}

it.each(rows<LeaseRow>('leases'))('a Lease: $name', ({ lease, before, pods, missing }) => {
  expect(
    unproven(
      lease,
      before,
      pods.map((row) => pod('p', row)),
    ),
  ).toBe(missing)
})

describe('the pauses of a wait', () => {
  const pauses = (looks: readonly boolean[], intervalMs = 1500) => {
    let last = 0
    return looks.map((apiIsAway) => {
      last = pauseAfter(last, intervalMs, apiIsAway)
      return last
    })
  }
  const [up, away] = [false, true]

  it.each([
    ['double up to the interval', [up, up, up, up, up, up], [100, 200, 400, 800, 1500, 1500]],
    ['are long while the API is away', [up, away, away, away, away], [100, 1500, 3000, 6000, 8000]],
    ['are the interval again once it is back', [away, away, away, up], [1500, 3000, 6000, 1500]],
  ])('%s', (_what, looks, expected) => expect(pauses(looks)).toEqual(expected))

  it('never pass an interval that is shorter than the first of them', () =>
    expect(pauses([up, up], 5)).toEqual([5, 5]))
})

describe('waiting', () => {
  let api: FakeApi
  beforeEach(async () => {
    api = await fakeApi()
  })
  afterEach(() => api.close())

  const quick = { timeoutSeconds: 5, intervalMs: 5 }
  const short = { timeoutSeconds: 0.05, intervalMs: 5 }
  const caught = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error as YurtSshError,
    )
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'ns' },
    spec: { replicas: 1, selector: { matchLabels: { app: 'd' } } },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 },
  }
  const started = { node: 'cp-1', started: '2026-01-01T00:00:00Z' }

  it('ends when the Deployment is available, and says meanwhile what is missing', async () => {
    api.put(deployment)
    const progress: string[] = []
    const onProgress = (text: string) => {
      progress.push(text)
      api.touch('apps/Deployment/ns/d', (object) =>
        Object.assign(object.status as object, { availableReplicas: 1 }),
      )
    }
    await waitDeployment(api.cluster, 'ns', 'd', { ...quick, onProgress })
    expect(progress).toEqual(['Deployment ns/d: 0 of 1 pods are available'])
  })

  it('tells on expiry what the pods say', async () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' }
    const failed = {
      name: 'c',
      ready: false,
      restartCount: 2,
      state: { waiting },
      lastState: { terminated: { reason: 'Error', exitCode: 1 } },
    }
    api.put(deployment, {
      ...pod('d-1', started, { app: 'd' }),
      status: { phase: 'Running', containerStatuses: [failed] },
    })
    api.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'ns' },
      involvedObject: { name: 'd-1' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'restarting failed container',
    })
    api.logs.set('d-1', 'panic: no API\n')
    const error = await caught(waitDeployment(api.cluster, 'ns', 'd', short))
    expect(error).toMatchObject({ code: 'CLUSTER_NOT_AVAILABLE' })
    expect(error?.detail?.split('\n')).toEqual([
      'pod d-1 on cp-1 is Running, container c CrashLoopBackOff: back-off 10s, ended with Error 1, 2 restarts',
      '  event Warning BackOff: restarting failed container',
      '  last log lines:',
      '    panic: no API',
    ])
  })

  const refused = (message: string): KubeObject => ({
    ...deployment,
    status: {
      observedGeneration: 1,
      unavailableReplicas: 1,
      conditions: [
        { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' },
        { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message },
      ],
    },
  })
  const psp =
    'pods "d-5d4-" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]'

  it('ends long before its time where the pods are refused, with the words and what to do', async () => {
    api.put(refused(psp))
    const progress: string[] = []
    const error = await caught(
      waitDeployment(api.cluster, 'ns', 'd', {
        timeoutSeconds: 300,
        refusedSeconds: 0.02,
        intervalMs: 5,
        onProgress: (text) => progress.push(text),
      }),
    )
    expect(error).toMatchObject({
      code: 'CLUSTER_NOT_AVAILABLE',
      message: `Deployment ns/d: its pods cannot be created: ${psp}`,
      hint: expect.stringMatching(/^no PodSecurityPolicy .* `kubectl -n ns delete rs -l app=d`/),
    })
    expect(progress).toEqual([`Deployment ns/d: its pods cannot be created: ${psp}`])
  })

  it('names a refusal on expiry, too', async () => {
    api.put(refused('pods "d-" is forbidden: exceeded quota: few'))
    expect(await caught(waitDeployment(api.cluster, 'ns', 'd', short))).toMatchObject({
      message: expect.stringContaining('exceeded quota: few'),
      hint: expect.stringContaining('ResourceQuota few'),
    })
  })

  it('goes on after a refusal that passes', async () => {
    api.put(refused('pods "d-" is forbidden: error looking up service account ns/d'))
    const onProgress = () =>
      api.put({ ...deployment, status: { ...(deployment.status as object), availableReplicas: 1 } })
    await waitDeployment(api.cluster, 'ns', 'd', { ...quick, onProgress })
  })

  it('goes on while the API is away, and names that on expiry', async () => {
    await api.cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', namespace: 'ns' })
    api.intercept(() => 'drop')
    const error = await caught(waitDeployment(api.cluster, 'ns', 'd', short))
    expect(error).toMatchObject({ code: 'CLUSTER_NOT_AVAILABLE' })
    expect(error?.message).toContain('the API is away: cannot reach the API server')
  })

  it('does not go on where it may not look', async () => {
    api.intercept(() => ({ status: 403, body: { message: 'no' } }))
    expect(await caught(waitDeployment(api.cluster, 'ns', 'd', quick))).toMatchObject({
      code: 'API_FORBIDDEN',
    })
  })

  it('stops when interrupted', async () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    expect(
      await caught(waitDeployment(api.cluster, 'ns', 'd', { ...quick, signal: abort.signal })),
    ).toMatchObject({ code: 'INTERRUPTED' })
  })

  it('sees a Lease being taken up', async () => {
    const lease = (renewTime: string): KubeObject => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', namespace: 'ns' },
      spec: { holderIdentity: 'cp-1_x', renewTime },
    })
    api.put(deployment, pod('d-1', started, { app: 'd' }), lease('2026-01-01T00:00:01.000000Z'))
    const onProgress = () => api.put(lease('2026-01-01T00:00:03.000000Z'))
    await waitLeaseHeld(
      api.cluster,
      { namespace: 'ns', name: 'l', deployment: 'd' },
      { ...quick, onProgress },
    )
  })

  it('waits until pods being deleted are gone too', async () => {
    api.put(pod('d-1', { ...started, deleted: 'now' }, { app: 'd' }))
    const where = { namespace: 'ns', selector: 'app=d' }
    expect((await caught(waitPodsGone(api.cluster, where, short)))?.message).toContain(
      'pod d-1 on cp-1 is Running, being deleted',
    )
    expect(await caught(waitPodsGone(api.cluster, { ...where, node: 'other' }, short))).toBeUndefined()
    api.objects.clear()
    expect(await caught(waitPodsGone(api.cluster, where, short))).toBeUndefined()
  })

  it('wants a status of the kubelet from after the restart', async () => {
    const node = (status: string, lastHeartbeatTime: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'edge-1' },
      status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
    })
    const after = '2026-01-01T00:00:10Z'
    api.put(node('True', '2026-01-01T00:00:09Z'))
    expect((await caught(waitNodeReady(api.cluster, 'edge-1', { ...short, after })))?.message).toContain(
      'posted its last status at 2026-01-01T00:00:09Z',
    )
    api.put(node('False', '2026-01-01T00:00:10Z'))
    expect((await caught(waitNodeReady(api.cluster, 'edge-1', { ...short, after })))?.message).toContain(
      'Ready of node edge-1 is False',
    )
    api.put(node('True', after))
    expect(await waitNodeReady(api.cluster, 'edge-1', { ...short, after })).toMatchObject({
      heartbeat: after,
    })
  })

  it('wants the mirror of the manifest as changed', async () => {
    const mirror = (hash: string, ready: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'kcm-cp-1',
        namespace: 'ns',
        annotations: { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.hash': hash },
      },
      spec: { nodeName: 'cp-1', containers: [{ name: 'kcm' }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    })
    const wait = {
      ...short,
      namespace: 'ns',
      name: 'kcm-cp-1',
      hashBefore: 'old',
    }
    const message = async () => (await caught(waitMirrorPod(api.cluster, wait)))?.message
    expect(await message()).toContain('the API does not show static pod ns/kcm-cp-1')
    api.put(mirror('old', 'True'))
    expect(await message()).toContain('still runs the manifest from before')
    api.put(mirror('new', 'False'))
    expect(await message()).toContain('has not started')
    api.put(mirror('new', 'True'))
    expect(await message()).toBeUndefined()
  })
})
