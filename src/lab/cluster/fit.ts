import type { Node, Pod, PodSpec, Taint, Term, Toleration } from './objects.js'

export function tolerates(
  { key = '', operator = 'Equal', value = '', effect = '' }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}

/** Why the scheduler leaves the node out, in its words; null when the pod may go there. */
export function misfit(spec: PodSpec, node: Node): string | null {
  const { tolerations = [], nodeSelector = {}, affinity } = spec
  const labels = node.metadata.labels ?? {}
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const selected = Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)
  const cordoned: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  const covered = (taint: Taint) => tolerations.some((toleration) => tolerates(toleration, taint))
  if (node.spec?.unschedulable && !covered(cordoned)) return 'node(s) were unschedulable'
  if (!selected || (required !== undefined && !required.some((term) => matches(term, labels))))
    return "node(s) didn't match node selector"
  const taint = (node.spec?.taints ?? []).find(
    (candidate) => candidate.effect !== 'PreferNoSchedule' && !covered(candidate),
  )
  if (taint === undefined) return null
  return `node(s) had taint {${taint.key}: ${taint.value ?? ''}}, that the pod didn't tolerate`
}

function matches({ matchExpressions = [] }: Term, labels: Record<string, string>): boolean {
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      case 'Gt':
        return Number(value) > Number(values[0])
      case 'Lt':
        return Number(value) < Number(values[0])
      default:
        return false
    }
  })
}

/**
 * The node for a pod, or why there is none. The most preferred, then the one with the fewest pods, then the first by
 * name: a real scheduler weighs more and breaks ties at random.
 */
export function chooseNode(
  pod: Pod,
  nodes: readonly Node[],
  pods: readonly Pod[],
): { node: string } | { unschedulable: string } {
  const spec = pod.spec ?? {}
  const looked = nodes.map((node) => ({ node, problem: misfit(spec, node) }))
  const fitting = looked.filter(({ problem }) => problem === null).map(({ node }) => node)
  const load = (node: Node) => pods.filter((other) => other.spec?.nodeName === node.metadata.name).length
  const [best] = fitting.toSorted(
    (a, b) =>
      preference(spec, b) - preference(spec, a) ||
      load(a) - load(b) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )
  if (best !== undefined) return { node: best.metadata.name }
  const counts = new Map<string, number>()
  for (const { problem } of looked) counts.set(problem ?? '', (counts.get(problem ?? '') ?? 0) + 1)
  const reasons = [...counts].map(([problem, count]) => `${count} ${problem}`).toSorted()
  const why = reasons.length === 0 ? 'no nodes available to schedule pods' : undefined
  return { unschedulable: why ?? `0/${nodes.length} nodes are available: ${reasons.join(', ')}.` }
}

function preference({ affinity }: PodSpec, node: Node): number {
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const labels = node.metadata.labels ?? {}
  return preferred.reduce(
    (sum, { weight, preference }) => sum + (matches(preference, labels) ? weight : 0),
    0,
  )
}
