import { causesOf, failuresOf } from './causes.js'
import { notWorked } from './left-out.js'
import { clock, span } from './page-words.js'
import type { RunReport } from './summary.js'

/** A run in a few lines: what it was, how it ended, and why hosts failed. */
export function renderReport(report: RunReport): string {
  const { id, verb, release, outcome, exitCode, began, seconds, counts, skipped, error } = report
  const exit = exitCode === undefined ? '' : `, exit code ${exitCode}`
  const shares = Object.entries(counts).filter(([, count]) => count > 0)
  return [
    `${id}: ${verb}, OpenYurt ${release}, ${clock(began)}, ${span(seconds)}`,
    `${outcome}${exit}: ${shares.map(([status, count]) => `${count} ${status}`).join(', ') || 'no hosts'}`,
    ...(error === undefined ? [] : [`${error.message} [${error.code}]`]),
    ...notWorked(report).map(({ who, why }) => `${why}: ${who}`),
    ...(skipped.length === 0 ? [] : [`not done: ${skipped.join(', ')}`]),
    ...causesOf(failuresOf(report.hosts)).flatMap((failures) =>
      failures
        .slice(0, 1)
        .flatMap(({ error: { code, message, hint } }) => [
          `${message}${code === '' ? '' : ` [${code}]`}`,
          `  ${failures.map(({ host }) => host).join(', ')}`,
          ...(hint === undefined ? [] : [`  hint: ${hint}`]),
        ]),
    ),
  ].join('\n')
}
