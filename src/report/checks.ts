import colors from 'picocolors'
import type { Check } from '../plan/checks.js'
import { table } from './table.js'

const marks = { ok: colors.green('ok'), warning: colors.yellow('warning'), failed: colors.red('failed') }

/** The table of preflight checks: a line per host that passed, every check that did not with its hint. */
export function renderChecks(checks: readonly Check[]): string {
  const subjects = [...new Set(checks.map(({ host }) => host))]
  const rows = subjects.flatMap((subject) => {
    const own = checks.filter(({ host }) => host === subject)
    const name = subject ?? 'cluster'
    const open = own.filter(({ status }) => status !== 'ok')
    if (open.length === 0) return [[name, marks.ok, `${own.length} checks`]]
    return open.flatMap((check, index) => [
      [index === 0 ? name : '', marks[check.status], `${check.name}: ${check.message}`],
      ...(check.hint === undefined ? [] : [['', '', colors.dim(check.hint)]]),
    ])
  })
  return table(rows)
}
