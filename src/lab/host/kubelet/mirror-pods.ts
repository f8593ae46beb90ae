import type { Pod } from '../pods/types.js'
import type { KubeletClient } from './client.js'
import type { StaticPod } from './static-pods.js'

const hash = 'kubernetes.io/config.hash'
const mirror = 'kubernetes.io/config.mirror'

/** Shows static pods to the API: mirrors of those that run, none of others. `live` are the node's pods there. */
export async function syncMirrorPods(
  client: KubeletClient,
  wanted: readonly StaticPod[],
  live: readonly Pod[],
  time: string,
): Promise<void> {
  const byName = new Map(wanted.map((found) => [key(found.pod), found]))
  const present = new Set<string>()
  for (const pod of live) {
    const annotated = pod.metadata.annotations?.[hash]
    if (pod.metadata.annotations?.[mirror] === undefined) continue
    if (annotated === byName.get(key(pod))?.uid && pod.metadata.deletionTimestamp === undefined)
      present.add(key(pod))
    else await deleteNow(client, pod)
  }
  for (const [name, { uid, pod }] of byName) {
    if (present.has(name)) continue
    const annotations = {
      ...pod.metadata.annotations,
      [hash]: uid,
      [mirror]: uid,
      'kubernetes.io/config.seen': time,
      'kubernetes.io/config.source': 'file',
    }
    const { status: _status, ...rest } = pod
    const tolerations = [{ effect: 'NoExecute', operator: 'Exists' }]
    await client.send('POST', `/api/v1/namespaces/${pod.metadata.namespace}/pods`, {
      ...rest,
      metadata: { ...pod.metadata, annotations },
      spec: { ...pod.spec, tolerations },
    })
  }
}

/** Removes a pod from the API without any grace: its containers are down, or it is a mirror. */
export async function deleteNow(client: KubeletClient, { metadata }: Pod): Promise<void> {
  await client.send('DELETE', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    preconditions: { uid: metadata.uid },
  })
}

export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[mirror] !== undefined
}

function key({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`
}
