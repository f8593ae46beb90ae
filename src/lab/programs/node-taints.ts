import { condition, type Node, type Taint } from '../cluster/objects.js'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'

/** The key that the lifecycle taints this node with; null for one that is Ready. */
export function taintKey(node: Node): string | null {
  const status = condition(node, 'Ready')?.status
  if (status === 'True') return null
  return status === 'False' ? notReady : unreachable
}

const isLifecycles = (taint: Taint, effect: Taint['effect']) =>
  (taint.key === notReady || taint.key === unreachable) && taint.effect === effect

export function isEvicting(taint: Taint): boolean {
  return isLifecycles(taint, 'NoExecute')
}

/** The node's taints with the lifecycle's one of this effect as given, or none; the others stay. */
export function withTaint(
  taints: readonly Taint[],
  effect: Taint['effect'],
  key: string | null,
  now: string,
): Taint[] {
  const kept = taints.filter((taint) => !isLifecycles(taint, effect) || taint.key === key)
  if (key === null || kept.some((taint) => isLifecycles(taint, effect))) return kept
  return [...kept, { key, effect, timeAdded: now }]
}
