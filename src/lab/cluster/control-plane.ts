import { refOf } from '../../cluster/types.js'
import type { View } from './view.js'

const labels = { 'node-role.kubernetes.io/master': '', 'node-role.kubernetes.io/control-plane': '' }
const taint = { key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' } as const

/** Marks the Nodes of the control plane once they are there, as `kubeadm init` and `kubeadm join` do; each once. */
export function markControlPlanes(names: readonly string[]): (view: View) => Promise<void> {
  const left = new Set(names)
  return async (view) => {
    for (const node of view.nodes().filter(({ metadata }) => left.has(metadata.name))) {
      const taints = [...(node.spec?.taints ?? []).filter(({ key }) => key !== taint.key), taint]
      const { resourceVersion } = node.metadata
      await view.client.patch(refOf(node), { metadata: { labels, resourceVersion }, spec: { taints } })
      left.delete(node.metadata.name)
    }
  }
}
