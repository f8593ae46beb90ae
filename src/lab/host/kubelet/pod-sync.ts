import type { Clock } from '../../types.js'
import type { PodRuntime, RunningPod } from '../pods/runtime.js'
import { podStatus } from '../pods/status.js'
import type { Pod } from '../pods/types.js'
import type { KubeletClient } from './client.js'
import { deleteNow, isMirror, syncMirrorPods } from './mirror-pods.js'
import type { StaticPod } from './static-pods.js'

export interface PodSyncOptions {
  node: string
  client: KubeletClient
  runtime: PodRuntime
  clock: Clock
  staticPods: () => StaticPod[]
  /** RFC 3339 with whole seconds, of a time of the lab. */
  seconds: (time: number) => string
}

/** The kubelet's work on pods, a pass at a time. */
export interface PodSync {
  /** Looks at the folder of static pods. */
  rescan(): void
  /** Starts containers that are down and should run. */
  restart(): void
  /** The node's pods as the API has them, mirrors and statuses. @throws Error as the network does */
  remote(): Promise<void>
}

export function createPodSync({
  node,
  client,
  runtime,
  clock,
  staticPods,
  seconds,
}: PodSyncOptions): PodSync {
  let files: StaticPod[] = []
  const posted = new Map<string, string>()

  function rescan(): void {
    files = staticPods()
    const wanted = new Set(files.map(({ uid }) => uid))
    for (const [uid, running] of runtime.pods)
      if (isStatic(running) && !wanted.has(uid) && !running.removing) void runtime.remove(uid)
    for (const { uid, pod } of files) if (!runtime.pods.has(uid)) runtime.create(uid, pod)
    restart()
  }

  function restart(): void {
    for (const running of runtime.pods.values())
      if (!running.removing) for (const container of running.containers) container.sync()
  }

  async function remote(): Promise<void> {
    const services = await readServices(client)
    if (services !== undefined) runtime.setServices(services)
    const list = await client.read<{ items: Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`)
    if (list === undefined) return
    const live = list.items.filter(({ spec }) => spec.nodeName === node)
    await syncMirrorPods(client, files, live, seconds(clock.now()))
    const bound = live.filter((pod) => !isMirror(pod))
    for (const pod of bound) await syncPod(pod)
    const known = new Set(bound.map(({ metadata }) => metadata.uid))
    for (const [uid, running] of runtime.pods)
      if (!isStatic(running) && !known.has(uid) && !running.removing) void runtime.remove(uid)
    for (const pod of live) await postStatus(pod)
  }

  async function syncPod(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    const running = runtime.pods.get(uid)
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (running === undefined) await deleteNow(client, pod)
      else if (!running.removing) void runtime.remove(uid)
    } else if (running === undefined && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) {
      runtime.create(uid, pod)
    }
  }

  async function postStatus(pod: Pod): Promise<void> {
    const uid = pod.metadata.annotations?.['kubernetes.io/config.hash'] ?? pod.metadata.uid ?? ''
    const running = runtime.pods.get(uid)
    if (running === undefined || running.removing) return
    const status = podStatus(running.containers, running.addresses, running.createdAt, seconds)
    const text = JSON.stringify(status)
    const key = pod.metadata.uid ?? ''
    if (posted.get(key) === text && pod.status?.phase === status.phase) return
    const { namespace, name } = pod.metadata
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`
    const answer = await client.send('PATCH', path, { status }, 'application/merge-patch+json')
    if (answer.status === 200) posted.set(key, text)
  }

  return { rescan, restart, remote }
}

/** A static pod's UID is a hash, without dashes. */
function isStatic({ uid }: RunningPod): boolean {
  return !uid.includes('-')
}

interface Service {
  metadata: { name: string; namespace: string }
  spec?: { clusterIP?: string; ports?: { name?: string; port: number }[] }
}

/** The kubernetes Service as this kubelet sees it: a hub gives it another address. */
async function readServices(client: KubeletClient): Promise<Record<string, string> | undefined> {
  const list = await client.read<{ items: Service[] }>('/api/v1/services')
  const spec = list?.items.find(
    ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
  )?.spec
  if (spec?.clusterIP === undefined) return undefined
  const port = String(spec.ports?.find(({ name }) => name === 'https')?.port ?? 443)
  return {
    KUBERNETES_SERVICE_HOST: spec.clusterIP,
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
  }
}
