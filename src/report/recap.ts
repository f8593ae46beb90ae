import colors from 'picocolors'
import type { YurtSshError } from '../errors.js'
import { maskToken } from '../node/hub.js'
import type { HostResult } from '../rollout/host.js'
import type { RunResult } from '../rollout/run.js'
import { duration, table } from './table.js'

const paint = {
  changed: colors.green,
  unchanged: colors.dim,
  failed: colors.red,
  unreachable: colors.red,
  skipped: colors.yellow,
}

/** What became of every host and how long each step took; failures with the node's own words. */
export function renderRecap(run: RunResult): string {
  const rows = run.hosts.flatMap((result) => [
    [result.host, paint[result.status](result.status), duration(result.seconds), result.title],
    ...result.steps
      .filter(({ seconds }) => seconds >= 1)
      .map(({ reason, seconds }) => ['', '', duration(seconds), colors.dim(reason)]),
    ...result.notes.map((note) => ['', colors.yellow('note'), '', note]),
  ])
  const failures = run.hosts.filter(
    (result): result is HostResult & { error: YurtSshError } => result.error !== undefined,
  )
  return [
    table(rows),
    ...failures.map(({ error }) => renderError(error)),
    ...(run.error === undefined ? [] : [renderError(run.error)]),
    ...(run.skipped.length === 0 ? [] : [colors.yellow(`not done: ${run.skipped.join(', ')}`)]),
    ...(run.interrupted ? [colors.yellow('interrupted: no new host was begun')] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** An error with where, what, the node's own words and what to do. */
export function renderError(error: YurtSshError): string {
  const where = error.host === undefined ? '' : `${error.host}: `
  const text = [
    `${colors.red(`${where}${error.message}`)} ${colors.dim(`[${error.code}]`)}`,
    ...(error.detail === undefined || error.detail === '' ? [] : [error.detail.replace(/^/gm, '  | ')]),
    ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
  ].join('\n')
  return maskToken(text)
}
