import { refOf } from '../../cluster/types.js'
import type { ApiClient } from '../api/client.js'
import { tolerates } from '../cluster/fit.js'
import { isAutonomous, isReady, type Node, type Pod, type Taint } from '../cluster/objects.js'
import type { Clock } from '../types.js'
import { createAges } from './ages.js'

export const evictionLookMs = 1000

/**
 * A stand-in for the taint manager: deletes pods from nodes with NoExecute taints once their toleration has run out. That
 * of yurt-controller-manager passes over a node with the annotation that is not Ready; it is tainted all the same.
 */
export function createEviction(
  client: ApiClient,
  clock: Clock,
  autonomyAnnotation?: string,
): () => Promise<void> {
  const ages = createAges(clock, 2 * evictionLookMs)
  return async () => {
    const nodes = (await client.list('v1', 'Node')) as Node[]
    for (const node of nodes) {
      const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
      const passedOver = isAutonomous(node, autonomyAnnotation) && !isReady(node)
      if (taints.length === 0 || passedOver) continue
      const fieldSelector = `spec.nodeName=${node.metadata.name}`
      for (const pod of (await client.list('v1', 'Pod', { fieldSelector })) as Pod[]) {
        const age = ages.look(pod.metadata.uid ?? '', JSON.stringify(taints))
        if (pod.metadata.deletionTimestamp === undefined && age >= patienceMs(pod, taints)) {
          const { uid } = pod.metadata
          await client.delete(refOf(pod), uid === undefined ? {} : { uid })
        }
      }
    }
  }
}

/** How long a pod may stay with these taints: 0 where it does not tolerate one, the shortest time otherwise. */
function patienceMs(pod: Pod, taints: readonly Taint[]): number {
  const { tolerations = [] } = pod.spec ?? {}
  const patience = taints.map((taint) => {
    const used = tolerations.filter((toleration) => tolerates(toleration, taint))
    const seconds = used.map(({ tolerationSeconds = Number.POSITIVE_INFINITY }) => tolerationSeconds)
    return used.length === 0 ? 0 : Math.min(...seconds)
  })
  return Math.min(...patience) * 1000
}
