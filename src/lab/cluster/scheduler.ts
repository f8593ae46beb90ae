import { refOf } from '../../cluster/types.js'
import { emitEvent } from './events.js'
import { chooseNode } from './fit.js'
import { condition, isActive, type Pod, withCondition } from './objects.js'
import type { View } from './view.js'

const component = 'default-scheduler'

/** A stand-in for kube-scheduler: gives each pod that has none a node, or says why it cannot. */
export async function schedulePods(view: View): Promise<void> {
  for (const pod of view.pods().filter((candidate) => isActive(candidate) && !candidate.spec?.nodeName)) {
    const choice = chooseNode(pod, view.nodes(), view.pods())
    if ('node' in choice) await bind(view, pod, choice.node)
    else if (condition(pod, 'PodScheduled')?.message !== choice.unschedulable) {
      await explain(view, pod, choice.unschedulable)
    }
  }
}

async function bind(view: View, pod: Pod, node: string): Promise<void> {
  const ref = refOf(pod)
  await view.client.patch(ref, { metadata: { uid: pod.metadata.uid }, spec: { nodeName: node } })
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  const conditions = withCondition(others, { type: 'PodScheduled', status: 'True' }, view.now())
  await view.client.patchStatus(ref, { conditions })
  const { namespace, name } = pod.metadata
  const message = `Successfully assigned ${namespace}/${name} to ${node}`
  await emitEvent(view, pod, { type: 'Normal', reason: 'Scheduled', message, component })
}

async function explain(view: View, pod: Pod, message: string): Promise<void> {
  const failed = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
  const conditions = withCondition(pod.status?.conditions ?? [], failed, view.now())
  await view.client.patchStatus(refOf(pod), { conditions })
  await emitEvent(view, pod, { type: 'Warning', reason: 'FailedScheduling', message, component })
}
