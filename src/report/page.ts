import { createHash } from 'node:crypto'
import type { Plan } from '../plan/types.js'
import { render, type TemplateContext } from '../templates.js'
import { counted } from '../words.js'
import { causesOf, failuresOf } from './causes.js'
import { plannedChanges } from './changes.js'
import { notWorked } from './left-out.js'
import { pageData } from './page-data.js'
import { cards, environment, heading, phases } from './page-overview.js'
import { span } from './page-words.js'
import type { ReportedHost, ReportedStatus, RunReport } from './summary.js'

/** Lines of a host's log that the page shows; the record has the rest. */
const logLines = 60

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
    notWorked: notWorked(report),
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

function causes(report: RunReport, log: (host: string) => string): TemplateContext[] {
  const anchors = new Map<string, number>()
  /** A host that failed twice has two: the timeline leads to the first. */
  const anchorOf = (host: string): string => {
    const count = (anchors.get(host) ?? 0) + 1
    anchors.set(host, count)
    return count === 1 ? `failure-${host}` : `failure-${host}-again-${count}`
  }
  return causesOf(failuresOf(report.hosts)).map((failures, index) => ({
    code: failures[0]?.error.code ?? '',
    message: failures[0]?.error.message ?? '',
    hint: failures[0]?.error.hint ?? '',
    hosts: counted(failures.length, 'host'),
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
      hosts.length === 0 ? 'cluster' : hosts.length === 1 ? (hosts[0] ?? '') : counted(hosts.length, 'host'),
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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
