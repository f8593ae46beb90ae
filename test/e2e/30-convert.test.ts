import { describe, expect, inject, it } from 'vitest'
import { getNode, getObject, type KubeObject, listObjects, readyOf } from './support/api.js'
import { yurtSsh } from './support/cli.js'
import { expectNeverTwoDown } from './support/controller-managers.js'
import {
  expectFreshHeartbeat,
  expectRedirected,
  expectThroughHub,
  runningControllers,
} from './support/converted.js'
import { allNodes, cloudNodes, controlPlanes, edgeNodes, hubNodes } from './support/lab.js'
import { inNode } from './support/nodes.js'
import { differences, type Snapshot } from './support/snapshot.js'
import { snapshotLab } from './support/snapshot-lab.js'
import { type Look, watchControllerManagers } from './support/watch-controller-managers.js'

const namespace = 'kube-system'

let looks: Map<string, Look[]>
let leaderBefore: unknown
/** What the rehearsal did, and what the real run did. */
let foretold: HostDone[]
let done: HostDone[]

describe('a rehearsal, before anything is touched', () => {
  it('goes there and back in a lab, exit 0', async () => {
    const { status, stdout, text } = await yurtSsh('rehearse', ['--json', '--autonomous-nodes', 'edge-1'])
    expect(status, text).toBe(0)
    const { odd, lab } = JSON.parse(stdout) as { odd: object[]; lab: { convert: Json; unlike: string[] } }
    expect(lab.unlike).toEqual([])
    expect(odd).toEqual([])
    foretold = hostsDone(lab.convert)
  })

  it('touched nothing', async () => {
    expect(differences(inject('native'), await snapshotLab())).toEqual([])
  })
})

describe('convert', () => {
  it('converts the cluster, exit 0', async () => {
    leaderBefore = await holderOf('kube-controller-manager')
    const watch = watchControllerManagers()
    const run = yurtSsh('convert', ['--yes', '--json', '--autonomous-nodes', 'edge-1'])
    const { status, stdout, text } = await run.finally(async () => {
      looks = await watch.stop()
    })
    expect(status, text).toBe(0)
    done = hostsDone(JSON.parse(stdout) as Json)
  })

  it('did on every host what the rehearsal foretold', () => {
    expect(done.map(({ host }) => host)).toEqual([...allNodes].sort())
    expect(done).toEqual(foretold)
  })

  it('never had two kube-controller-managers down', () => expectNeverTwoDown(looks))

  it.each(controlPlanes)('kube-controller-manager runs without the node lifecycle on %s', async (node) => {
    expect(await runningControllers(node)).toBe('--controllers=-nodelifecycle,*,bootstrapsigner,tokencleaner')
  })

  it('kube-controller-manager’s leader was started since', async () => {
    expect(leaderBefore, 'the leader before').toMatch(/^cp-\d_/)
    const leader = await holderOf('kube-controller-manager')
    expect(leader, 'the leader now').toMatch(/^cp-\d_/)
    expect(leader, 'each start of the process has an identity of its own').not.toBe(leaderBefore)
  })

  it.each(hubNodes)('the kubelet of %s runs with our kubeconfig as the last', (node) =>
    expectRedirected(node),
  )

  it.each(hubNodes)('requests of the kubelet of %s arrive through its hub', (node) => expectThroughHub(node))

  it.each(hubNodes)('%s is Ready with a heartbeat after its restart', (node) => expectFreshHeartbeat(node))

  it('every node is Ready', async () => {
    const states = await Promise.all(
      allNodes.map(async (node) => `${node} ${readyOf(await getNode(node)).status}`),
    )
    expect(states).toEqual(allNodes.map((node) => `${node} True`))
  })

  it('labels and annotations are as planned', async () => {
    const found = await Promise.all(
      allNodes.map(async (name) => {
        const { labels, annotations } = (await getNode(name)).metadata
        return [name, labels?.['openyurt.io/is-edge-worker'], annotations?.['node.beta.openyurt.io/autonomy']]
      }),
    )
    expect(found).toEqual([
      ...cloudNodes.map((name) => [name, 'false', undefined]),
      ['edge-1', 'true', 'true'],
      ['edge-2', 'true', undefined],
    ])
  })

  it('components are as planned, and no others', async () => {
    type Workload = KubeObject & { status: { availableReplicas?: number } }
    const workloads = (
      await Promise.all(
        ['Deployment', 'DaemonSet'].map((kind) => listObjects<Workload>('apps/v1', kind, { namespace })),
      )
    ).flat()
    const found = workloads.map(({ metadata, status }) => [metadata.name, status.availableReplicas])
    expect(found, 'workloads and their available replicas').toEqual([['yurt-controller-manager', 1]])
    const rbac = 'rbac.authorization.k8s.io/v1'
    const hubs = ['ClusterRole', 'ClusterRoleBinding'].map((kind) => getObject(rbac, kind, 'yurt-hub'))
    const others = await Promise.all([...hubs, getObject('v1', 'ConfigMap', 'yurt-hub-cfg', namespace)])
    expect(others.map((object) => object?.kind)).toEqual(['ClusterRole', 'ClusterRoleBinding', 'ConfigMap'])
  })

  it('yurt-controller-manager runs where no hub is, and holds its Lease', async () => {
    const [pod] = await listObjects<KubeObject>('v1', 'Pod', {
      namespace,
      labelSelector: 'app=yurt-controller-manager',
    })
    const node = pod?.spec?.nodeName
    expect(controlPlanes, 'a host that needs no certificate from it').toContain(node)
    expect(await holderOf('yurt-controller-manager')).toMatch(new RegExp(`^${String(node)}_`))
  })

  it('a hub runs as mirror pod on each worker and on no control plane', async () => {
    const pods = await listObjects<KubeObject & { status: { phase: string } }>('v1', 'Pod', {
      namespace,
      labelSelector: 'k8s-app=yurt-hub',
    })
    const found = pods.map(({ metadata, status }) => `${metadata.name} ${status.phase}`).sort()
    expect(found).toEqual(hubNodes.map((node) => `yurt-hub-${node} Running`).sort())
  })

  it.each(hubNodes)('the hub of %s got no token and its manifest is 0600', async (node) => {
    const manifest = '/etc/kubernetes/manifests/yurt-hub.yaml'
    const text = await inNode(node, `stat -c '%a %U' "$R${manifest}"; cat "$R${manifest}"`)
    expect(text.split('\n')[0]).toBe('600 root')
    expect(text).not.toContain('join-token')
    expect(text).toContain(`--working-mode=${edgeNodes.some((edge) => edge === node) ? 'edge' : 'cloud'}`)
  })

  it('the run left no lock and no token', async () => {
    expect(await getObject('coordination.k8s.io/v1', 'Lease', 'yurt-ssh', namespace)).toBeUndefined()
    const secrets = await listObjects('v1', 'Secret', {
      namespace,
      fieldSelector: 'type=bootstrap.kubernetes.io/token',
    })
    expect(
      secrets.filter(({ metadata }) => metadata.labels !== undefined).map(({ metadata }) => metadata.name),
    ).toEqual([])
  })
})

describe('on the converted cluster', () => {
  it('a second convert changes nothing, exit 0', () =>
    expectNothing('convert', ['--yes', '-a', 'edge-1'], /Nothing to do/))

  it('convert --check finds nothing, exit 0', () =>
    expectNothing('convert', ['--check', '-a', 'edge-1'], /Nothing to do/))

  it('status finds nothing, exit 0', () =>
    expectNothing('status', ['--json', '-a', 'edge-1'], /"state": "converted"/))
})

interface HostDone {
  host: string
  status: string
  steps: string[]
}

interface Json {
  run: { hosts: { host: string; status: string; steps: { name: string }[] }[] }
}

function hostsDone({ run }: Json): HostDone[] {
  return run.hosts
    .map(({ host, status, steps }) => ({ host, status, steps: steps.map(({ name }) => name) }))
    .sort((one, other) => one.host.localeCompare(other.host))
}

async function holderOf(lease: string): Promise<unknown> {
  return (await getObject('coordination.k8s.io/v1', 'Lease', lease, namespace))?.spec?.holderIdentity
}

async function expectNothing(verb: string, args: readonly string[], says: RegExp): Promise<void> {
  const before = await snapshotSettled()
  const { status, stdout, text } = await yurtSsh(verb, args)
  expect(status, text).toBe(0)
  expect(stdout).toMatch(says)
  expect(differences(before, await snapshotSettled()), 'nothing was touched').toEqual([])
}

/** Without what a running hub writes all the time. */
async function snapshotSettled(): Promise<Snapshot> {
  const entries = Object.entries(await snapshotLab())
  return Object.fromEntries(
    entries.filter(([key]) => !/ \/(etc\/kubernetes\/cache|var\/lib\/yurthub)(\/|$)/.test(key)),
  )
}
