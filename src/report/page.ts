import { createHash } from 'node:crypto'
import type { Plan } from '../plan/types.js'
import { render, type TemplateContext } from '../templates.js'
import { causesOf } from './causes.js'
import { plannedChanges } from './changes.js'
import { pageData } from './page-data.js'
import { clock, span } from './page-words.js'
import type { ReportedHost, ReportedStatus, RunReport } from './summary.js'

/** Lines of a host's log that the page shows; the record has the rest. */
const logLines = 60

const outcomes: Record<RunReport['outcome'], string> = {
  done: 'Done',
  failed: 'Failed',
  interrupted: 'Interrupted',
  running: 'Still running',
  lost: 'Client died',
}

/** One HTML page that needs nothing else: no request leaves it, everything from hosts is escaped. */
export function renderPage(report: RunReport, plan: Plan | undefined, log: (host: string) => string): string {
  const style = render('report/style.css', {})
  const script = render('report/script.js', {})
  return render('report/page.html', {
    style,
    script,
    styleHash: sha256(style),
    scriptHash: sha256(script),
    // no tag can end, or begin, in the text of a JSON block
    data: JSON.stringify(pageData(report)).replaceAll('<', '\\u003c'),
    ...heading(report),
    cards: cards(report),
    phases: phases(report),
    causes: causes(report, log),
    runError: report.error === undefined ? [] : [errorContext(report.error)],
    skipped: report.skipped,
    warnings: report.warnings.map(({ name, host, message }) => ({ name, host: host ?? 'cluster', message })),
    notes: [
      ...report.notes.map((text) => ({ host: 'cluster', text })),
      ...report.hosts.flatMap(({ name, notes }) => notes.map((text) => ({ host: name, text }))),
    ],
    changes: plan === undefined ? [] : changes(plan),
    rows: report.hosts.map(row),
    environment: environment(report),
  })
}

function heading(report: RunReport): TemplateContext {
  const { verb, hosts, release, began, outcome, id, exitCode } = report
  return {
    title: `${verb} ${id}`,
    verb: `${verb[0]?.toUpperCase()}${verb.slice(1)}`,
    id,
    outcome: outcomes[outcome],
    outcomeClass: outcome,
    what: `${count(hosts.length, 'host')}, OpenYurt ${release}`,
    began,
    beganText: clock(began),
    took: span(report.seconds),
    exit: exitCode === undefined ? '' : `exit code ${exitCode}`,
  }
}

function cards(report: RunReport): TemplateContext[] {
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
    card('Changed', counts.changed, `of ${count(hosts.length, 'host')}`, 'changed'),
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

function phases({ phases, seconds }: RunReport): TemplateContext[] {
  return phases.map(({ title, from, to, hosts, ended }, index) => ({
    number: index + 1,
    title,
    hosts: hosts === 0 ? 'the cluster' : count(hosts, 'host'),
    from: span(from),
    took: span(to - from),
    // the whole width is 1000
    x: Math.round((from / Math.max(seconds, 0.001)) * 1000),
    width: Math.max(3, Math.round(((to - from) / Math.max(seconds, 0.001)) * 1000)),
    state: ended ? '' : 'did not end',
  }))
}

function causes(report: RunReport, log: (host: string) => string): TemplateContext[] {
  const anchors = new Map<string, number>()
  /** A host that failed twice has two: the timeline leads to the first. */
  const anchorOf = (host: string): string => {
    const count = (anchors.get(host) ?? 0) + 1
    anchors.set(host, count)
    return count === 1 ? `failure-${host}` : `failure-${host}-again-${count}`
  }
  return causesOf(report.hosts).map(({ code, message, hint, failures }, index) => ({
    code,
    message,
    hint,
    hosts: count(failures.length, 'host'),
    // at 1,000 failures only the first cause is unfolded, with its first host
    open: index === 0 ? 'open' : '',
    failures: failures.map(({ host, error }, at) => ({
      ...errorContext(error),
      host,
      anchor: anchorOf(host),
      open: index === 0 && at === 0 ? 'open' : '',
      ownLog: log(host).trimEnd().split('\n').slice(-logLines).join('\n'),
    })),
  }))
}

function errorContext({ code, message, detail, hint }: NonNullable<RunReport['error']>): TemplateContext {
  return { code, message, detail: detail ?? '', hint: hint ?? '' }
}

function changes(plan: Plan): TemplateContext[] {
  return plannedChanges(plan).map(({ text, reason, hosts, diff }) => ({
    text,
    reason,
    where:
      hosts.length === 0 ? 'cluster' : hosts.length === 1 ? (hosts[0] ?? '') : count(hosts.length, 'host'),
    hosts: hosts.length > 1 ? hosts.join(', ') : '',
    lines: diff.map((line) => ({ kind: kinds[line[0] ?? ''] ?? 'same', line })),
    hasDiff: diff.length > 0,
    hasMore: diff.length > 0 || hosts.length > 1,
  }))
}

const kinds: Record<string, string> = { '+': 'added', '-': 'removed', '@': 'place' }

const words: Record<ReportedStatus, string> = {
  changed: 'changed',
  unchanged: 'unchanged',
  failed: 'failed',
  unreachable: 'unreachable',
  skipped: 'skipped',
  unfinished: 'unfinished',
  waiting: 'not begun',
}

function row(host: ReportedHost): TemplateContext {
  const longest = host.spans.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]
  return {
    name: host.name,
    node: host.node,
    groups: host.groups.join(', '),
    role: host.role,
    status: host.status,
    statusText: words[host.status],
    from: host.from === undefined ? '' : span(host.from),
    took: host.from === undefined ? '' : span(host.seconds),
    longest: longest === undefined ? '' : `${longest.text}, ${span(longest.to - longest.from)}`,
  }
}

function environment(report: RunReport): TemplateContext[] {
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

function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
