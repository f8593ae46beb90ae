import colors from 'picocolors'
import type { HostStatus } from '../plan/status.js'
import type { Plan } from '../plan/types.js'
import { describeClusterStep } from './plan.js'
import { table } from './table.js'

const paint: Record<HostStatus['state'], (text: string) => string> = {
  converted: colors.green,
  native: (text) => text,
  'control plane': (text) => text,
  differs: colors.yellow,
  foreign: colors.yellow,
  unreachable: colors.red,
}

/** A line per host, then what the cluster itself lacks. */
export function renderStatus(hosts: readonly HostStatus[], plan: Plan, unsettled: readonly string[]): string {
  const rows = hosts.flatMap((row) => [
    [row.host, row.role, paint[row.state](row.state), row.ready === 'True' ? 'Ready' : 'not Ready'],
    ...(['differs', 'foreign', 'unreachable'].includes(row.state)
      ? row.differs.map((text) => ['', '', '', colors.dim(text)])
      : []),
  ])
  const cluster = plan.phases
    .flatMap((phase) => (phase.kind === 'cluster' ? phase.steps : []))
    .filter(({ kind }) => !kind.startsWith('wait'))
  return [
    table([['HOST', 'ROLE', 'STATE', 'NODE'].map(colors.bold), ...rows]),
    ...unsettled,
    ...cluster.map((step) => `cluster: ${describeClusterStep(step)}`),
    ...(plan.phases.length === 0 &&
    hosts.every(({ state }) => !['differs', 'foreign', 'unreachable'].includes(state))
      ? ['Nothing differs from converted.']
      : []),
  ].join('\n')
}
