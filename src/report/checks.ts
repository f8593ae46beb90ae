import colors from 'picocolors'
import type { Check } from '../plan/checks.js'
import { counted } from '../words.js'
import { groupBy, hostsText } from './alike.js'
import { table } from './table.js'

const marks = { ok: colors.green('ok'), warning: colors.yellow('warning'), failed: colors.red('failed') }

/** Subjects that are shown one by one; of more, those with the same outcome share a line. */
const mostRows = 20

/** The table of preflight checks: a line per host that passed, every check that did not with its hint. */
export function renderChecks(checks: readonly Check[]): string {
  const subjects = groupBy(checks, ({ host }) => host ?? '').map((own) => ({
    host: own[0]?.host,
    count: own.length,
    open: own.filter(({ status }) => status !== 'ok'),
  }))
  const outcome = ({ host, count, open }: (typeof subjects)[number]): string =>
    JSON.stringify([host === undefined, count, open.map((check) => ({ ...check, host: '' }))])
  const groups =
    subjects.length > mostRows ? groupBy(subjects, outcome) : subjects.map((subject) => [subject])
  const rows = groups.flatMap((group) => {
    const names = group.flatMap(({ host }) => host ?? [])
    const name = names.length === 0 ? 'cluster' : hostsText(names)
    const { open = [], count = 0 } = group[0] ?? {}
    if (open.length === 0) return [[name, marks.ok, counted(count, 'check')]]
    return open.flatMap((check, index) => [
      [index === 0 ? name : '', marks[check.status], `${check.name}: ${check.message}`],
      ...(check.hint === undefined ? [] : [['', '', colors.dim(check.hint)]]),
    ])
  })
  return table(rows)
}
