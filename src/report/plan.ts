import { createTwoFilesPatch } from 'diff'
import colors from 'picocolors'
import { stringify } from 'yaml'
import { mergePatch } from '../cluster/diff.js'
import { type ClusterStep, refOf, refText } from '../cluster/types.js'
import { maskToken, tokenPlaceholder } from '../node/hub.js'
import type { HostStep, HostWork, Plan } from '../plan/types.js'

export interface PlanView {
  /** Show every change of a file and of an object as a unified diff. */
  diff: boolean
}

/** A plan for people: every phase, host and step in the order of the run. */
export function renderPlan(plan: Plan, view: PlanView): string {
  if (plan.phases.length === 0) return 'Nothing to do.'
  const lines: string[] = []
  for (const [index, phase] of plan.phases.entries()) {
    lines.push(colors.bold(`${index + 1}. ${phase.title}`))
    if (phase.kind === 'cluster')
      lines.push(...phase.steps.flatMap((step) => clusterLines(step, view)).map(indent))
    else lines.push(...phase.work.flatMap((work) => workLines(work, view)).map(indent))
  }
  return [...lines, ...plan.notes.map((note) => colors.yellow(`note: ${note}`))].join('\n')
}

function workLines(work: HostWork, view: PlanView): string[] {
  const steps = [...(work.transaction?.steps ?? []), ...(work.transaction?.cleanup ?? [])].filter(isVisible)
  return [
    colors.bold(work.host),
    ...steps.flatMap((step) => hostLines(step, view)).map(indent),
    ...work.after.flatMap((step) => clusterLines(step, view)).map(indent),
    ...(work.forget ? [indent('remove /var/lib/yurt-ssh')] : []),
    ...work.notes.map((note) => indent(colors.yellow(`note: ${note}`))),
  ]
}

/** Steps that only prepare an undo say nothing to the operator. */
export function isVisible(step: HostStep): boolean {
  return !['undo-removes-hub', 'undo-restarts-kubelet', 'own-tree', 'remember-controller-managers'].includes(
    step.kind,
  )
}

function hostLines(step: HostStep, view: PlanView): string[] {
  const line = `${describeHostStep(step)}  ${colors.dim(step.reason)}`
  if (!view.diff || (step.kind !== 'write-file' && step.kind !== 'remove-file')) return [line]
  const before = step.beforeContent ?? ''
  const after = step.kind === 'write-file' ? step.content.replaceAll(tokenPlaceholder, '********') : ''
  return [line, ...unifiedDiff(step.path, maskToken(before), maskToken(after)).map(indent)]
}

/** What a step does, in a few words. */
export function describeHostStep(step: HostStep): string {
  switch (step.kind) {
    case 'pull-image':
      return `pull image ${step.image}`
    case 'make-directory':
      return `make directory ${step.path} (${step.mode})`
    case 'own-tree':
      return `take ${step.path}`
    case 'write-file':
      return `${step.before === 'absent' ? 'create' : 'change'} ${step.path} (${step.mode})`
    case 'remove-file':
    case 'remove-tree':
    case 'remove-directory-if-empty':
      return `remove ${step.path}`
    case 'undo-removes-hub':
    case 'undo-restarts-kubelet':
    case 'remember-controller-managers':
      return step.kind
    case 'wait-hub':
      return `wait for the hub, up to ${step.timeoutSeconds} s`
    case 'wait-hub-gone':
      return `wait until the hub is gone, up to ${step.timeoutSeconds} s`
    case 'restart-kubelet':
      return `restart the kubelet, prove it through the ${step.through === 'hub' ? 'hub' : 'API server'}`
    case 'wait-controller-manager':
      return `wait for kube-controller-manager with the node lifecycle ${step.lifecycle}`
    case 'clean-network':
      return 'remove what the hub left in the network'
    case 'clean-tunnel-chains':
      return 'remove the nat chains of the tunnel server'
    case 'restart-pods':
      return `restart ${step.uids.length} pods`
  }
}

function clusterLines(step: ClusterStep, view: PlanView): string[] {
  const line = `${describeClusterStep(step)}  ${colors.dim(step.reason)}`
  if (!view.diff || step.kind !== 'apply') return [line]
  const change = step.before === null ? step.object : mergePatch(step.object, step.before)
  return [
    line,
    ...stringify(change)
      .trimEnd()
      .split('\n')
      .map((text) => indent(colors.green(`+${text}`))),
  ]
}

/** What a step of the cluster does, in a few words. */
export function describeClusterStep(step: ClusterStep): string {
  switch (step.kind) {
    case 'label':
    case 'annotate': {
      const what = step.kind === 'label' ? 'label' : 'annotation'
      const from = step.before === null ? '' : ` (was ${step.before})`
      return `${step.node}: ${what} ${step.key}${step.value === null ? ' removed' : `=${step.value}`}${from}`
    }
    case 'apply':
      return `${step.before === null ? 'create' : 'update'} ${refText(refOf(step.object))}`
    case 'delete':
      return `delete ${refText(step.ref)}`
    case 'wait-deployment':
      return `wait for Deployment ${step.name}, up to ${step.timeoutSeconds} s`
    case 'wait-lease':
      return `wait until ${step.deployment} holds its Lease, up to ${step.timeoutSeconds} s`
    case 'wait-leader':
      return `wait until a process started since leads ${step.name}`
    case 'wait-pods-gone':
      return `wait until pods ${step.selector} are gone`
  }
}

function unifiedDiff(path: string, before: string, after: string): string[] {
  const patch = createTwoFilesPatch(path, path, before, after, '', '', { context: 2, maxEditLength: 2000 })
  if (patch === undefined) return ['(too different to show)']
  return patch
    .split('\n')
    .slice(3)
    .filter((line) => line !== '')
    .map((line) =>
      line.startsWith('+') ? colors.green(line) : line.startsWith('-') ? colors.red(line) : line,
    )
}

function indent(line: string): string {
  return `   ${line}`
}
