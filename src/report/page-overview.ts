import type { TemplateContext } from '../templates.js'
import { counted } from '../words.js'
import { clock, span } from './page-words.js'
import type { RunReport } from './summary.js'

const outcomes: Record<RunReport['outcome'], string> = {
  done: 'Done',
  failed: 'Failed',
  interrupted: 'Interrupted',
  running: 'Still running',
  lost: 'Client died',
}

/** The top of the page. */
export function heading(report: RunReport): TemplateContext {
  const { verb, hosts, release, began, outcome, id, exitCode } = report
  return {
    title: `${verb} ${id}`,
    verb: `${verb[0]?.toUpperCase()}${verb.slice(1)}`,
    id,
    outcome: outcomes[outcome],
    outcomeClass: outcome,
    what: `${counted(hosts.length, 'host')}, OpenYurt ${release}`,
    began,
    beganText: clock(began),
    took: span(report.seconds),
    exit: exitCode === undefined ? '' : `exit code ${exitCode}`,
  }
}

/** The numbers of the summary. */
export function cards(report: RunReport): TemplateContext[] {
  const { counts, hosts, seconds } = report
  const worked = hosts.filter(({ status }) => status === 'changed').map((host) => host.seconds)
  const sorted = worked.toSorted((a, b) => a - b)
  const at = (share: number): string => span(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  const began = Object.values(counts).reduce((sum, value) => sum + value, 0) - counts.waiting - counts.skipped
  const card = (label: string, value: string | number, note: string, kind: string): TemplateContext => ({
    label,
    value,
    note,
    kind,
  })
  const untouched = counts.skipped + counts.waiting
  return [
    card('Changed', counts.changed, `of ${counted(hosts.length, 'host')}`, 'changed'),
    card('Failed', counts.failed, 'put back, or see below', counts.failed > 0 ? 'failed' : 'plain'),
    card(
      'Unreachable',
      counts.unreachable,
      'no answer, or lost',
      counts.unreachable > 0 ? 'unreachable' : 'plain',
    ),
    card(
      'Not done',
      untouched + counts.unfinished,
      'skipped, not begun, cut off',
      untouched > 0 ? 'skipped' : 'plain',
    ),
    card(
      'Took',
      span(seconds),
      seconds > 0 ? `${((began / seconds) * 60).toFixed(1)} hosts/min` : '',
      'plain',
    ),
    ...(sorted.length === 0 ? [] : [card('Median host', at(0.5), `95% within ${at(0.95)}`, 'plain')]),
  ]
}

/** The rows of the table of phases, with where each stands in the run. */
export function phases({ phases, seconds }: RunReport): TemplateContext[] {
  return phases.map(({ title, from, to, hosts, ended }, index) => ({
    number: index + 1,
    title,
    hosts: hosts === 0 ? 'the cluster' : counted(hosts, 'host'),
    from: span(from),
    took: span(to - from),
    // the whole width is 1000
    x: Math.round((from / Math.max(seconds, 0.001)) * 1000),
    width: Math.max(3, Math.round(((to - from) / Math.max(seconds, 0.001)) * 1000)),
    state: ended ? '' : 'did not end',
  }))
}

/** Where and how the run was started. */
export function environment(report: RunReport): TemplateContext[] {
  const { yurtSsh, node, system, machine, user, folder, inventory, command, pid } = report.environment
  const rows: [string, string][] = [
    ['Run', report.id],
    ['Command', `yurt-ssh ${command.join(' ')}`],
    ['Inventory', inventory],
    ['API server', report.server],
    ['OpenYurt', report.release],
    ['yurt-ssh', yurtSsh],
    ['Started by', `${user} on ${machine}, process ${pid}`],
    ['In', folder],
    ['System', `${system}, Node.js ${node}`],
    ['Began', report.began],
  ]
  return rows.map(([key, value]) => ({ key, value }))
}
