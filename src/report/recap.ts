import colors from 'picocolors'
import type { YurtSshError } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import { maskToken } from '../node/hub.js'
import type { HostResult } from '../rollout/host.js'
import type { RunResult } from '../rollout/run.js'
import { counted } from '../words.js'
import { groupBy, hostsText } from './alike.js'
import { causesOf } from './causes.js'
import { duration, table } from './table.js'

const paint = {
  changed: colors.green,
  unchanged: colors.dim,
  failed: colors.red,
  unreachable: colors.red,
  skipped: colors.yellow,
}

type FailedHost = HostResult & { error: YurtSshError }

export interface RecapView {
  /** Every host in a row, and every error in full. */
  verbose: boolean
}

/** Hosts that are shown one by one; of more there is a row per phase and result. */
const mostRows = 20

/** What became of the hosts and how long it took; failures by cause, the first of each with the node's own words. */
export function renderRecap(run: RunResult, { verbose }: RecapView = { verbose: false }): string {
  const oneByOne = verbose || run.hosts.length <= mostRows
  const causes = causesOf(run.hosts.filter((result): result is FailedHost => result.error !== undefined))
  return [
    table(oneByOne ? run.hosts.flatMap(hostRows) : resultRows(run.hosts)),
    ...causes.map((failures) => causeText(failures, verbose)),
    ...(run.error === undefined ? [] : [renderError(run.error)]),
    ...(run.skipped.length === 0 ? [] : [colors.yellow(`not done: ${run.skipped.join(', ')}`)]),
    ...(run.interrupted ? [colors.yellow(interruptedText(run))] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function interruptedText({ skipped }: RunResult): string {
  return skipped.length === 0
    ? 'interrupted; what was under way was the last of it, and is done'
    : 'interrupted: no new host was begun; the same command goes on from here'
}

/** A host, its long steps and its notes. */
function hostRows(result: HostResult): string[][] {
  return [
    [
      result.host,
      paint[result.status](result.status),
      duration(result.seconds),
      `${result.title}${failedText(result)}`,
    ],
    ...firstWords(result).map((words) => ['', '', '', colors.dim(words)]),
    ...result.steps
      .filter(({ seconds }) => seconds >= 1)
      .map(({ name, seconds }, index) => [
        '',
        '',
        duration(seconds),
        colors.dim(`${name}${index === 0 ? byOwnClock(result) : ''}`),
      ]),
    ...result.notes.map((note) => ['', colors.yellow('note'), '', note]),
  ]
}

/** A remark where its steps took longer than all of it did: its clock is another, as in a lab that runs fast. */
function byOwnClock({ steps, seconds }: HostResult): string {
  const sum = steps.reduce((all, step) => all + step.seconds, 0)
  // a step is measured in whole seconds
  return sum > seconds + steps.filter((step) => step.seconds > 0).length ? ' (steps by its own clock)' : ''
}

/** Where it failed, and with what code; nothing of a host that did not. */
function failedText({ failedAt, error }: HostResult): string {
  if (error === undefined) return ''
  return `${failedAt === undefined ? '' : `, at: ${failedAt}`} [${error.code}]`
}

/** The first of the node's own words that are not only a heading; what the error says where there are none. */
function firstWords({ error }: HostResult): string[] {
  if (error === undefined) return []
  const words = (error.detail ?? '')
    .split('\n')
    .find((line) => line.trim() !== '' && !line.startsWith('--- '))
  return [maskToken(words ?? error.message)]
}

/** A row per phase and result with who it is, or who took longest; then the notes, each once. */
function resultRows(hosts: readonly HostResult[]): string[][] {
  const rows = groupBy(hosts, (result) =>
    JSON.stringify([result.title, result.status, failedText(result)]),
  ).flatMap((same) =>
    same.slice(0, 1).map((first) => {
      const { title, status } = first
      const hosts = counted(same.length, 'host')
      const slowest = same.reduce((most, result) => (result.seconds > most.seconds ? result : most))
      const who =
        status === 'changed' || status === 'unchanged'
          ? `up to ${duration(slowest.seconds)} (${slowest.host})`
          : hostRanges(same.map(({ host }) => host))
      return [title, paint[status](status), hosts, `${who}${failedText(first)}`]
    }),
  )
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [
    ...rows,
    ...groupBy(notes, ({ note }) => note).map((same) => [
      '',
      colors.yellow('note'),
      '',
      `${hostRanges(same.map(({ host }) => host))}: ${same[0]?.note ?? ''}`,
    ]),
  ]
}

/** One cause: its first failure in full, and the names of the others. */
function causeText(failures: readonly FailedHost[], verbose: boolean): string {
  const shown = verbose ? failures : failures.slice(0, 1)
  const others = failures.slice(shown.length)
  return [
    ...shown.map(({ error }) => renderError(error)),
    ...(others.length === 0
      ? []
      : [
          `  ${colors.red(`the same on ${hostsText(others.map(({ host }) => host))}`)}${colors.dim('; -v shows each')}`,
        ]),
  ].join('\n')
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
