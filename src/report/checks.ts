import { stripVTControlCharacters } from 'node:util'
import colors from 'picocolors'
import { hostRanges } from '../inventory/host-ranges.js'
import type { Check } from '../plan/checks.js'
import { counted } from '../words.js'
import { groupBy, hostsText, shapeOf } from './alike.js'
import { wrap } from './wrap.js'

const marks = { failed: colors.red('failed'), warning: colors.yellow('warning'), ok: colors.green('ok') }

/** What failed comes first. */
const order = ['failed', 'warning', 'ok'] as const

/** Who passed is counted, where it takes more than these to name them. */
const mostRanges = 6

/** As wide as the longest mark, and two blanks. */
const indentation = 9

/**
 * Preflight checks: a block per cause with every host that has it and one hint, the failed ones first; then, in a line
 * per number of checks, who passed them all. Lines are at most `columns` wide.
 */
export function renderChecks(checks: readonly Check[], columns = Number.POSITIVE_INFINITY): string {
  const open = checks.filter(({ status }) => status !== 'ok')
  const causes = groupBy(open, causeOf)
  const troubled = new Set(open.map(({ host }) => host))
  const passed = groupBy(
    groupBy(
      checks.filter(({ host }) => !troubled.has(host)),
      ({ host }) => host ?? '',
    ),
    (own) => JSON.stringify([own[0]?.host === undefined, own.length]),
  )
  const blocks = [
    ...causes.map((same) => ({ status: same[0]?.status ?? 'ok', lines: causeLines(same) })),
    ...passed.map((subjects) => ({ status: 'ok' as const, lines: [passedLine(subjects)] })),
  ]
  return order
    .flatMap((status) => blocks.filter((block) => block.status === status))
    .flatMap(({ status, lines }) => {
      const rows = lines.flatMap((line) => wrap(line, columns - indentation))
      return rows.map(
        (row, index) => `${index === 0 ? padded(marks[status]) : ' '.repeat(indentation)}${row}`,
      )
    })
    .join('\n')
}

/** What an operator can do about hosts that failed beside mending them. */
export function goOnLines(goOn: string | undefined): string[] {
  return goOn === undefined ? [] : [`To go on with the others: ${goOn}`]
}

function causeOf({ name, host = '', status, message, hint = '' }: Check): string {
  return JSON.stringify([host === '', name, status, shapeOf(message, [host]), shapeOf(hint, [host])])
}

/** Who it is, the first one's words, its hint. */
function causeLines(same: readonly Check[]): string[] {
  const [first] = same
  if (first === undefined) return []
  const { name, message, hint } = first
  const others = new Set(same.map((check) => check.message)).size > 1 ? `${first.host}: ` : ''
  return [
    subject(same.flatMap(({ host }) => host ?? [])),
    `${name}: ${others}${message}`,
    ...(hint === undefined ? [] : [colors.dim(`hint: ${hint}`)]),
  ]
}

function passedLine(subjects: readonly (readonly Check[])[]): string {
  const names = subjects.flatMap(([check]) => check?.host ?? [])
  const count = counted(subjects[0]?.length ?? 0, 'check')
  const many = hostRanges(names).split(',').length > mostRanges
  return `${many ? counted(names.length, 'host') : subject(names)}: ${count}${names.length > 1 ? ' each' : ''}`
}

function subject(hosts: readonly string[]): string {
  return hosts.length === 0 ? 'cluster' : hostsText(hosts)
}

function padded(mark: string): string {
  return mark + ' '.repeat(indentation - stripVTControlCharacters(mark).length)
}
