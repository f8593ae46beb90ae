import colors from 'picocolors'
import { describeClusterStep } from '../plan/describe.js'
import type { HalfReverted } from '../plan/half-done.js'
import type { HostStatus } from '../plan/status.js'
import type { Plan } from '../plan/types.js'
import { type HeldLock, lockLines } from './lock.js'
import { instant } from './page-words.js'
import { table } from './table.js'

const paint: Record<HostStatus['state'], (text: string) => string> = {
  converted: colors.green,
  native: (text) => text,
  'control plane': (text) => text,
  differs: colors.yellow,
  foreign: colors.yellow,
  'no node': colors.yellow,
  offline: colors.yellow,
  unreachable: colors.red,
}

export interface StatusView {
  hosts: readonly HostStatus[]
  plan: Plan
  lock: HeldLock | null
  deadRuns: readonly { id: string; verb: string; began: string }[]
  halfReverted: HalfReverted | null
  /** Lines on what dead runs left. */
  unsettled: readonly string[]
}

/** Of a host that was not reached its Node is not known either. */
function nodeWord(ready: string): string {
  if (ready === '-') return ready
  return ready === 'True' ? 'Ready' : 'not Ready'
}

/** Whether there is more to say of a host than its state. */
function isOdd({ state }: HostStatus): boolean {
  return ['differs', 'foreign', 'no node', 'offline', 'unreachable'].includes(state)
}

/** A line per host, then who is at work, what dead runs left, and what the cluster itself lacks; `now` in ms since 1970. */
export function renderStatus(view: StatusView, now: number): string {
  const { hosts, plan } = view
  const rows = hosts.flatMap((row) => [
    [row.host, row.role, paint[row.state](row.state), nodeWord(row.ready)],
    ...(isOdd(row) ? row.differs.map((text) => ['', '', '', colors.dim(text)]) : []),
  ])
  const cluster = plan.phases
    .flatMap((phase) => (phase.kind === 'cluster' ? phase.steps : []))
    .filter(({ kind }) => !kind.startsWith('wait'))
  return [
    table([['HOST', 'ROLE', 'STATE', 'NODE'].map(colors.bold), ...rows]),
    ...runLines(view, now),
    ...cluster.map((step) => `cluster: ${describeClusterStep(step)}`),
    ...closing(view),
  ].join('\n')
}

function closing({ hosts, plan, halfReverted }: StatusView): string[] {
  if (halfReverted !== null) {
    const { waitsFor } = halfReverted
    const waits = waitsFor.length === 0 ? '' : ` The cluster's part waits for ${waitsFor.join(', ')}.`
    const without = waitsFor.length === 0 ? '' : ', with `--leave-behind` without these'
    return [`A revert is half done.${waits} \`revert\` goes on${without}; \`convert\` goes the other way.`]
  }
  if (plan.phases.length > 0)
    return ['Not all is converted: `convert --check --diff` shows what is left, `revert` goes the other way.']
  return hosts.some(isOdd) ? [] : ['Nothing differs from converted.']
}

function runLines({ lock, deadRuns, unsettled }: StatusView, now: number): string[] {
  const gone = deadRuns.some(({ id }) => lock?.holder.endsWith(`/${id}`))
  const [holder, outlook] = lock === null ? [] : lockLines(lock, now, gone)
  const held = holder === undefined ? [] : [colors.yellow(`cluster: ${holder}`), `  ${outlook}`]
  const died = deadRuns.flatMap(({ id, verb, began }) => [
    colors.red(`run ${id} (${verb}, called ${instant(began)}) died on this machine`),
    `  \`yurt-ssh report ${id}\` has what is known of it`,
  ])
  if (unsettled.length > 0) {
    const when = lock === null ? '' : ', once the lock is free or dead'
    return [
      ...held,
      ...died,
      `\`yurt-ssh recover\` settles this${when}:`,
      ...unsettled.map((line) => `  ${line}`),
    ]
  }
  return died.length === 0
    ? held
    : [...held, ...died, 'Nothing of it is left open on the hosts that were read.']
}
