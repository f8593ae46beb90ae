import { api, ask, type KubeObject, listObjects } from './api.js'
import { waitFor } from './wait.js'

const label = 'yurt-ssh-e2e'

/** A pod on that node which tolerates its node's silence for five seconds; the address that it got. */
export async function runPod(
  name: string,
  node: string,
  command: readonly string[] = ['sleep', '86400'],
): Promise<string> {
  const tolerations = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  }))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: label, pod: name } },
    spec: {
      nodeName: node,
      tolerations,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'sleep', image: 'docker.io/library/busybox:1.35', command }],
    },
  }
  await (await api()).create(pod)
  return waitFor(`pod ${name} running on ${node}`, 90, async () => {
    const status = (await findPod(name))?.status as { phase?: string; podIP?: string } | undefined
    return status?.phase === 'Running'
      ? { done: status.podIP ?? '' }
      : { waiting: `its phase is ${status?.phase ?? 'unknown'}` }
  })
}

export async function findPod(name: string): Promise<KubeObject | undefined> {
  return (await listObjects('v1', 'Pod', { labelSelector: `app=${label}` })).find(
    ({ metadata }) => metadata.name === name,
  )
}

/** Whether the pod is evicted: on a silent node it stays, but with a deletion mark. */
export async function isEvicted(name: string): Promise<boolean> {
  const pod = await findPod(name)
  return pod === undefined || pod.metadata.deletionTimestamp !== undefined
}

/** Removes every pod of the suite, also from a node that is silent. */
export async function removePods(): Promise<void> {
  await ask('DELETE', `/api/v1/namespaces/default/pods?labelSelector=app%3D${label}`, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
  })
}
