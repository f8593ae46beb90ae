import { type ClusterStep, refKey, refOf } from '../cluster/types.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { HostWork, Phase, Plan } from '../plan/types.js'
import type { Pace } from '../rollout/pace.js'
import { counted } from '../words.js'
import { duration, table } from './table.js'

/** What the operator should know of a run beside its plan. */
export interface Outlook {
  /** Of each phase its waves, as inventory names; none where it does not go in waves. */
  waves: string[][][]
  pace: Pace
  /** Hosts that the run goes on without, by inventory name. */
  leftOut: readonly string[]
}

/** A plan in as many lines as it has phases: how many hosts and objects, and what happens to them. */
export function renderSummary(plan: Plan, { waves, pace, leftOut }: Outlook): string {
  const rows = plan.phases.map((phase, index) => [
    phase.title,
    phase.kind === 'hosts' ? counted(phase.work.length, 'host') : '',
    phase.kind === 'hosts' ? workText(phase) : stepsText(phase.steps),
    wavesText(waves[index] ?? []),
  ])
  const between = Math.max(0, waves.flat().length - 1)
  return [
    table(rows.map((row) => row.slice(0, row.findLastIndex((cell) => cell !== '') + 1))),
    ...(leftOut.length === 0 ? [] : [`left out: ${counted(leftOut.length, 'host')}: ${hostRanges(leftOut)}`]),
    ...(between === 0 || pace.pauseSeconds === 0
      ? []
      : [`the pauses between waves take ${duration(between * pace.pauseSeconds)}`]),
    ...(between === 0 || !pace.confirmWaves ? [] : ['every wave but the first is asked about']),
  ].join('\n')
}

/** One line that says how much a run would change. */
export function summarizePlan(plan: Plan): string {
  const names = new Set(
    plan.phases.flatMap((phase) => (phase.kind === 'hosts' ? phase.work.map(({ host }) => host) : [])),
  )
  const steps = plan.phases.flatMap((phase) =>
    phase.kind === 'cluster' ? phase.steps : phase.work.flatMap(({ after }) => after),
  )
  const objects = new Set(steps.map(objectOf).filter((name) => name !== undefined))
  return `${plan.verb} (OpenYurt ${plan.release}) changes ${counted(names.size, 'host')} and ${counted(objects.size, 'object')} of the cluster`
}

/** What a step changes in the cluster; undefined for a wait. */
function objectOf(step: ClusterStep): string | undefined {
  if (step.kind === 'label' || step.kind === 'annotate')
    return refKey({ apiVersion: 'v1', kind: 'Node', name: step.node })
  if (step.kind === 'apply') return refKey(refOf(step.object))
  return step.kind === 'delete' ? refKey(step.ref) : undefined
}

const verbs: Record<string, string> = {
  'restart-kubelet': 'restart the kubelet',
  'wait-controller-manager': 'restart kube-controller-manager',
  'pull-image': 'pull an image',
  'restart-pods': 'restart pods',
}

/** What happens on how many of the hosts; the number only where it is not all of them. */
function workText({ work }: Phase & { kind: 'hosts' }): string {
  const counts = new Map<string, number>()
  for (const host of work) for (const what of thingsDone(host)) counts.set(what, (counts.get(what) ?? 0) + 1)
  return [...counts].map(([what, count]) => (count === work.length ? what : `${what} on ${count}`)).join(', ')
}

function thingsDone({ transaction, after, forget }: HostWork): ReadonlySet<string> {
  const steps = [...(transaction?.steps ?? []), ...(transaction?.cleanup ?? [])]
  return new Set([
    ...(steps.some(({ kind }) => kind === 'write-file' || kind === 'remove-file') ? ['change files'] : []),
    ...steps.flatMap(({ kind }) => verbs[kind] ?? []),
    ...after.map(({ kind }) => (kind === 'label' ? 'label the node' : 'annotate the node')),
    ...(forget ? ['remove /var/lib/yurt-ssh'] : []),
  ])
}

function stepsText(steps: readonly ClusterStep[]): string {
  const created = steps.filter((step) => step.kind === 'apply' && step.before === null).length
  const of = (kind: ClusterStep['kind']): number => steps.filter((step) => step.kind === kind).length
  const counts: [number, string, string?][] = [
    [created, 'created'],
    [of('apply') - created, 'updated'],
    [of('delete'), 'deleted'],
    [of('label'), 'label', 'labels'],
    [of('annotate'), 'annotation', 'annotations'],
    [steps.filter(({ kind }) => kind.startsWith('wait')).length, 'wait', 'waits'],
  ]
  return counts
    .flatMap(([count, one, more = one]) => (count === 0 ? [] : [`${count} ${count === 1 ? one : more}`]))
    .join(', ')
}

/** `4 waves of 1, 80, 80, 39 hosts`, `3 waves of 2 hosts`; nothing for one wave. */
function wavesText(waves: readonly (readonly string[])[]): string {
  if (waves.length < 2) return ''
  const sizes = waves.map(({ length }) => length)
  const [first = 0] = sizes
  if (sizes.every((size) => size === first)) return `${waves.length} waves of ${counted(first, 'host')}`
  const shown = sizes.length > 8 ? [...sizes.slice(0, 6), '…', sizes.at(-1)] : sizes
  return `${waves.length} waves of ${shown.join(', ')} hosts`
}
