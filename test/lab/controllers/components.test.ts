import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openCluster } from '../../../src/cluster/client.js'
import { readClusterInfo } from '../../../src/cluster/cluster-info.js'
import { components, removalOrder } from '../../../src/cluster/components.js'
import { runClusterStep } from '../../../src/cluster/steps.js'
import type { Cluster, ClusterStep } from '../../../src/cluster/types.js'
import { type OpenApi, openApi } from '../../../src/lab/api/server.js'
import { createClock } from '../../../src/lab/clock.js'
import type { Pod } from '../../../src/lab/cluster/objects.js'
import { startCluster } from '../../../src/lab/cluster/start.js'
import { controllerManager } from '../../../src/lab/programs/controller-manager.js'
import { yurtControllerManager } from '../../../src/lab/programs/yurt-controller-manager.js'
import { findRelease } from '../../../src/releases/release.js'
import { type Kubelets, startKubelets } from './kubelets.js'
import { type Started, startProgram } from './start-program.js'

const clock = createClock(50)
const role = (value: string) => ({
  labels: { 'openyurt.io/is-edge-worker': value, 'kubernetes.io/os': 'linux' },
})
const kcmUser = 'system:kube-controller-manager'
const ycmUser = 'system:serviceaccount:kube-system:yurt-controller-manager'
const release = findRelease('v0.6.1')

let api: OpenApi
let lab: { stop(): Promise<void> }
let kubelets: Kubelets
let programs: Started[]
let folder: string
let cluster: Cluster

async function start(gitVersion = 'v1.20.2'): Promise<void> {
  api = await openApi({ clock, gitVersion })
  const nodes = [{ name: 'cp-1', controlPlane: true }]
  lab = startCluster({ api, clock, nodes, server: 'https://192.0.2.1:6443', certificateAuthority: 'PEM' })
  kubelets = startKubelets(api, clock)
  kubelets.join('cp-1', role('false'))
  kubelets.join('cloud-1', role('false'))
  kubelets.join('edge-1', role('true'))
  programs = [startProgram(controllerManager, { api, clock, node: 'cp-1', user: kcmUser })]
  folder = await mkdtemp(path.join(tmpdir(), 'yurt-ssh-lab-'))
  await writeFile(path.join(folder, 'config'), api.kubeconfig)
  cluster = await openCluster({ kubeconfig: path.join(folder, 'config') })
}
afterEach(async () => {
  cluster.close()
  for (const program of programs) program.kill()
  await lab.stop()
  kubelets.stop()
  await api.close()
  await rm(folder, { recursive: true })
})

/** What a kubelet does with a pod of yurt-controller-manager: runs its program. */
function runManagers(): void {
  api.store.subscribe(({ type, object }) => {
    const { spec, status, metadata } = object as Pod
    if (
      type !== 'MODIFIED' ||
      status?.phase !== 'Running' ||
      metadata.labels?.app !== 'yurt-controller-manager'
    )
      return
    if (programs.length > 1) return
    const node = spec?.nodeName ?? ''
    programs.push(startProgram(yurtControllerManager, { api, clock, node, user: ycmUser }))
  })
}

/** What the command line sent to change something. */
const writes = () =>
  api.requests.filter(
    (request) =>
      request.endsWith(' admin') &&
      /^(POST|PATCH)/.test(request) &&
      request.includes('fieldManager=yurt-ssh'),
  )

it.each(['v1.20.2', 'v1.16.15'])(
  'runs a whole release, changes nothing the second time, and lets go of it: %s',
  async (version) => {
    await start(version)
    runManagers()
    const list = components({
      release,
      images: release.images,
      deployTunnel: true,
      enableAppManager: true,
      apiVersions: await cluster.apiVersions(),
      controlPlaneWithoutHub: true,
    })
    const run = (step: object) =>
      runClusterStep(cluster, { reason: 'test', ...step } as ClusterStep, { intervalMs: 20 })
    for (const { objects, waits } of list) {
      for (const object of objects) expect(await run({ kind: 'apply', object, before: null })).toBe('changed')
      for (const wait of waits) await run({ ...wait, timeoutSeconds: 15 })
    }
    const written = writes().length
    expect(written).toBeGreaterThan(20)
    for (const object of list.flatMap(({ objects }) => objects)) {
      expect(await run({ kind: 'apply', object, before: null })).toBe('same')
    }
    expect(writes()).toHaveLength(written)
    for (const ref of removalOrder(list)) await run({ kind: 'delete', ref, before: null })
    for (const { pods: selector } of list) {
      if (selector)
        await run({ kind: 'wait-pods-gone', namespace: 'kube-system', selector, timeoutSeconds: 15 })
    }
  },
)

it('shows a host without credentials where the cluster is', async () => {
  await start()
  expect(await readClusterInfo(cluster)).toEqual({
    readable: true,
    server: 'https://192.0.2.1:6443',
    certificateAuthority: 'PEM',
  })
})
