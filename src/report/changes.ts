import { createHash } from 'node:crypto'
import type { ClusterStep } from '../cluster/types.js'
import { describeClusterStep, describeHostStep, isVisible } from '../plan/describe.js'
import type { HostStep, Plan } from '../plan/types.js'
import { fileDiff, objectDiff } from './diffs.js'

/** A change that a plan makes, with every host that gets exactly this one. */
export interface PlannedChange {
  text: string
  reason: string
  /** Empty: the cluster itself. */
  hosts: string[]
  /** Lines of a unified diff, each with its sign in front. */
  diff: string[]
}

/** What a plan changes, identical changes of several hosts as one, in the order of the plan; waits are left out. */
export function plannedChanges(plan: Plan): PlannedChange[] {
  const changes = new Map<string, PlannedChange>()
  const add = (change: Omit<PlannedChange, 'hosts'>, host?: string): void => {
    const key = createHash('sha256')
      .update(JSON.stringify([change.text, change.diff, host === undefined]))
      .digest('hex')
    const known = changes.get(key) ?? { ...change, hosts: [] }
    if (host !== undefined && !known.hosts.includes(host)) known.hosts.push(host)
    changes.set(key, known)
  }
  const diffs = new Map<string, string[]>()
  for (const phase of plan.phases) {
    if (phase.kind === 'cluster') for (const step of phase.steps) addCluster(step)
    else
      for (const { host, node, transaction, after } of phase.work) {
        for (const step of [...(transaction?.steps ?? []), ...(transaction?.cleanup ?? [])].filter(isChange))
          add({ text: describeHostStep(step), reason: step.reason, diff: hostDiff(step, diffs) }, host)
        // without the node's name, which differs from host to host
        for (const step of after)
          add(
            { text: describeClusterStep(step).replace(`${node}: `, ''), reason: step.reason, diff: [] },
            host,
          )
      }
  }
  return [...changes.values()]

  function addCluster(step: ClusterStep): void {
    if (step.kind.startsWith('wait')) return
    add({ text: describeClusterStep(step), reason: step.reason, diff: objectDiff(step) })
  }
}

function isChange(step: HostStep): boolean {
  return isVisible(step) && !step.kind.startsWith('wait')
}

/** The same two texts are compared once for all hosts. */
function hostDiff(step: HostStep, known: Map<string, string[]>): string[] {
  if (step.kind !== 'write-file' && step.kind !== 'remove-file') return []
  const key = JSON.stringify([step.beforeContent, step.kind === 'write-file' ? step.content : null])
  const lines = known.get(key) ?? fileDiff(step)
  known.set(key, lines)
  return lines
}
