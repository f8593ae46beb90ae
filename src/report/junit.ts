import { render, type TemplateContext } from '../templates.js'
import type { LeftOut, RecordedError } from './record-format.js'
import type { ReportedHost, RunReport } from './summary.js'

/**
 * A run as JUnit XML: a case per host, and one for the cluster's part. A failed host is a failure; one that was not
 * reached, or whose outcome nobody saw, an error.
 */
export function renderJunit(report: RunReport): string {
  const cases = [clusterCase(report), ...report.hosts.map(hostCase), ...report.leftOut.map(leftOutCase)]
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ kind }) => kind === 'failure').length,
    errors: cases.filter(({ kind }) => kind === 'error').length,
    skipped: cases.filter(({ skipped }) => skipped !== '').length,
    time: report.seconds.toFixed(3),
  }
  const suite = {
    ...counts,
    name: `${report.verb} ${report.id}`,
    id: report.id,
    timestamp: report.began.slice(0, 19),
  }
  return render('report/junit.xml', { verb: report.verb, ...counts, suites: [{ ...suite, cases }] })
}

type Case = TemplateContext & { kind: '' | 'failure' | 'error'; skipped: string }

function hostCase(host: ReportedHost): Case {
  const { name, status, seconds, role, errors } = host
  const kind = status === 'failed' ? 'failure' : ['unreachable', 'unfinished'].includes(status) ? 'error' : ''
  const known = errors.length > 0 ? errors : [{ code: status, message: `it is ${status}` }]
  return {
    kind,
    classname: `${role}.${host.groups.join('.') || 'all'}`,
    name,
    time: seconds.toFixed(3),
    problems: kind === '' ? [] : known.map((error) => problem(kind, error)),
    skipped: status === 'skipped' || status === 'waiting' ? 'not begun' : '',
  }
}

function leftOutCase({ host, why }: LeftOut): Case {
  return {
    kind: '',
    classname: 'left-out',
    name: host,
    time: '0.000',
    problems: [],
    skipped: printable(`left out: ${why}`),
  }
}

function clusterCase({ cluster, error, outcome }: RunReport): Case {
  const kind = error === undefined && outcome !== 'lost' ? '' : 'error'
  const found = error ?? { code: 'LOST', message: 'the client died before the end of the run' }
  return {
    kind,
    classname: 'cluster',
    name: 'cluster',
    time: cluster.reduce((sum, { from, to }) => sum + to - from, 0).toFixed(3),
    problems: kind === '' ? [] : [problem(kind, found)],
    skipped: '',
  }
}

function problem(element: string, { code, message, detail = '', hint = '' }: RecordedError): TemplateContext {
  const text = [detail, hint].filter((part) => part !== '').join('\n\n')
  return { element, code: printable(code), message: printable(message), text: printable(text) }
}

/** Without the control characters that XML 1.0 cannot hold in any form. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
}
