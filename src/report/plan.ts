import colors from 'picocolors'
import type { ClusterStep } from '../cluster/types.js'
import { hostRanges } from '../inventory/host-ranges.js'
import { describeClusterStep, describeHostStep, describeKey, isKey, isVisible } from '../plan/describe.js'
import type { HostWork, Plan } from '../plan/types.js'
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
  const notes = noteLines(plan)
  if (plan.phases.length === 0)
    return notes.length === 0 ? 'Nothing to do.' : ['Nothing can be done now.', ...notes].join('\n')
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
  return [...lines, ...notes].join('\n')
}

/** What holds for the whole plan, and still holds when it has run. */
export function noteLines({ notes }: Plan): string[] {
  return notes.map((note) => colors.yellow(`note: ${note}`))
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

/** One step, or the same label of several nodes. */
function clusterLines(steps: readonly ClusterStep[], view: PlanView): string[] {
  const nodes = steps.flatMap((step) => (isKey(step) ? [step.node] : []))
  return steps.slice(0, 1).flatMap((step) => {
    if (isKey(step)) return [`${hostsText(nodes)}: ${afterLine(step)}`]
    return [afterLine(step), ...(view.diff ? objectDiff(step).map(paint).map(indent) : [])]
  })
}

function paint(line: string): string {
  if (line.startsWith('+')) return colors.green(line)
  return line.startsWith('-') ? colors.red(line) : line
}

function indent(line: string): string {
  return `   ${line}`
}
