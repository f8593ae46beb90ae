import { createHash } from 'node:crypto'
import { refOf } from '../../cluster/types.js'
import { controllerReference, type Pod, type PodSpec, type Workload } from './objects.js'
import type { View } from './view.js'

/** What a template comes to, as the name of its generation. */
export function templateHash(workload: Workload): string {
  return createHash('sha256').update(JSON.stringify(workload.spec.template)).digest('hex').slice(0, 10)
}

/** Creates a pod of the workload's template; `extra` goes over the template's own. */
export async function createPod(
  view: View,
  owner: Workload,
  extra: { labels?: Record<string, string>; spec?: PodSpec } = {},
): Promise<void> {
  const { metadata, spec } = owner.spec.template
  await view.client.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      ...({ generateName: `${owner.metadata.name}-` } as object),
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...metadata?.labels, ...extra.labels },
      ownerReferences: [controllerReference(owner)],
    } as unknown as Pod['metadata'],
    spec: { ...spec, ...extra.spec },
  })
}

export async function deletePod(view: View, pod: Pod): Promise<void> {
  const { uid } = pod.metadata
  await view.client.delete(refOf(pod), uid === undefined ? {} : { uid })
}
