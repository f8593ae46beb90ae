import colors from 'picocolors'
import { type ClusterStep, refOf, refText } from '../cluster/types.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { HostStep, HostWork, Plan } from '../plan/types.js'
import { groupBy, hostsText } from './alike.js'
import { fileDiff, objectDiff } from './diffs.js'

export interface PlanView {
  /** Show every change of a file and of an object as a unified diff. */
  diff: boolean
  /** Of each phase its waves, as inventory names. */
  waves?: readonly (readonly (readonly string[])[])[]
}

/** A plan for people: every phase, host and step in the order of the run; hosts with the same steps once. */
export function renderPlan(plan: Plan, view: PlanView): string {
  if (plan.phases.length === 0) return 'Nothing to do.'
  const lines: string[] = []
  for (const [index, phase] of plan.phases.entries()) {
    lines.push(colors.bold(`${index + 1}. ${phase.title}`))
    lines.push(...waveLines(view.waves?.[index] ?? []).map(indent))
    if (phase.kind === 'cluster') {
      const alike = groupBy(phase.steps, (step) => (isKey(step) ? afterLine(step) : JSON.stringify(step)))
      lines.push(...alike.flatMap((steps) => clusterLines(steps, view)).map(indent))
    } else {
      if (phase.order === 'one-by-one' && phase.work.length > 1)
        lines.push(indent(`one at a time: ${phase.work.map(({ host }) => host).join(', ')}`))
      const alike = groupBy(phase.work, (work) => JSON.stringify(entriesOf(work).map(({ line }) => line)))
      lines.push(...alike.flatMap((works) => workLines(works, view)).map(indent))
    }
  }
  return [...lines, ...plan.notes.map((note) => colors.yellow(`note: ${note}`))].join('\n')
}

const mostWaves = 12

/** Who is in which wave; long lists of waves end with how many are left. */
function waveLines(waves: readonly (readonly string[])[]): string[] {
  if (waves.length < 2) return []
  const shown = waves.length > mostWaves ? waves.slice(0, mostWaves - 1) : waves
  const left = waves.slice(shown.length)
  return [
    ...shown.map((hosts, index) => `wave ${index + 1}: ${hostsText(hosts)}`),
    ...(left.length === 0 ? [] : [`and ${left.length} more waves: ${hostsText(left.flat())}`]),
  ].map(colors.cyan)
}

/** A line of a host's part, the same on all hosts where the same happens, and what differs from host to host. */
interface Entry {
  line: string
  diff: () => string[]
}

function entriesOf(work: HostWork): Entry[] {
  const steps = [...(work.transaction?.steps ?? []), ...(work.transaction?.cleanup ?? [])].filter(isVisible)
  return [
    ...steps.map((step) => ({
      line: `${describeHostStep(step)}  ${colors.dim(step.reason)}`,
      diff: () => fileDiff(step),
    })),
    ...work.after.map((step) => ({ line: afterLine(step), diff: () => objectDiff(step) })),
    ...(work.forget ? [{ line: 'remove /var/lib/yurt-ssh', diff: () => [] }] : []),
  ]
}

/** A step without the name of a node: it is named where the hosts are. */
function afterLine(step: ClusterStep): string {
  return `${isKey(step) ? describeKey(step) : describeClusterStep(step)}  ${colors.dim(step.reason)}`
}

function isKey(step: ClusterStep): step is ClusterStep & { kind: 'label' | 'annotate' } {
  return step.kind === 'label' || step.kind === 'annotate'
}

function workLines(works: readonly HostWork[], view: PlanView): string[] {
  const entries = works.map((work) => ({ host: work.host, entries: entriesOf(work) }))
  const lines = (entries[0]?.entries ?? []).flatMap(({ line }, index) => {
    if (!view.diff) return [line]
    const diffs = entries.map((item) => ({ host: item.host, diff: item.entries[index]?.diff() ?? [] }))
    return [line, ...diffLines(diffs).map(indent)]
  })
  const notes = works.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [
    colors.bold(hostsText(works.map(({ host }) => host))),
    ...lines.map(indent),
    ...groupBy(notes, ({ note }) => note).map((same) => {
      const who = same.length === works.length ? '' : `${hostRanges(same.map(({ host }) => host))}: `
      return indent(colors.yellow(`note: ${who}${same[0]?.note ?? ''}`))
    }),
  ]
}

/** Each different diff once, with the hosts that it is for where there is more than one. */
function diffLines(diffs: readonly { host: string; diff: readonly string[] }[]): string[] {
  return groupBy(diffs, ({ diff }) => diff.join('\n')).flatMap((same) => {
    const diff = (same[0]?.diff ?? []).map(paint)
    if (diffs.length === 1 || diff.length === 0) return diff
    const hosts = hostRanges(same.map(({ host }) => host))
    return [colors.dim(same.length === 1 ? `on ${hosts}` : `same on ${same.length} hosts: ${hosts}`), ...diff]
  })
}

/** Steps that only prepare an undo say nothing to the operator. */
export function isVisible(step: HostStep): boolean {
  return !['undo-removes-hub', 'undo-restarts-kubelet', 'own-tree', 'remember-controller-managers'].includes(
    step.kind,
  )
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

/** One step, or the same label of several nodes. */
function clusterLines(steps: readonly ClusterStep[], view: PlanView): string[] {
  const nodes = steps.flatMap((step) => (isKey(step) ? [step.node] : []))
  return steps.slice(0, 1).flatMap((step) => {
    if (isKey(step)) return [`${hostsText(nodes)}: ${afterLine(step)}`]
    return [afterLine(step), ...(view.diff ? objectDiff(step).map(paint).map(indent) : [])]
  })
}

/** What a step of the cluster does, in a few words. */
export function describeClusterStep(step: ClusterStep): string {
  switch (step.kind) {
    case 'label':
    case 'annotate':
      return `${step.node}: ${describeKey(step)}`
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

function describeKey(step: ClusterStep & { kind: 'label' | 'annotate' }): string {
  const what = step.kind === 'label' ? 'label' : 'annotation'
  const from = step.before === null ? '' : ` (was ${step.before})`
  return `${what} ${step.key}${step.value === null ? ' removed' : `=${step.value}`}${from}`
}

function paint(line: string): string {
  if (line.startsWith('+')) return colors.green(line)
  return line.startsWith('-') ? colors.red(line) : line
}

function indent(line: string): string {
  return `   ${line}`
}
