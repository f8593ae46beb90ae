import { api, ask, type KubeObject, listObjects } from './api.js'
import { waitFor } from './wait.js'

const label = 'yurt-ssh-e2e'

/** A pod on that node which tolerates its node's silence for five seconds. */
export async function runPod(name: string, node: string): Promise<void> {
  const tolerations = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  }))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: label } },
    spec: {
      nodeName: node,
      tolerations,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'sleep', image: 'docker.io/library/busybox:1.35', command: ['sleep', '86400'] }],
    },
  }
  await (await api()).create(pod)
  await waitFor(`pod ${name} running on ${node}`, 90, async () => {
    const status = (await findPod(name))?.status as { phase?: string } | undefined
    return status?.phase === 'Running'
      ? { done: true }
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
