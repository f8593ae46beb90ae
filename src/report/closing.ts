import type { HostStatus } from '../rollout/events.js'
import type { RunResult } from '../rollout/run.js'
import { shellWord } from './shell-word.js'
import { duration } from './table.js'

/** What the last lines of a run are made of. */
export interface Closing {
  verb: 'convert' | 'revert'
  run: Pick<RunResult, 'hosts' | 'skipped' | 'interrupted' | 'error'>
  /** Inventory names of the hosts that it went on without. */
  leftOut: readonly string[]
  seconds: number
  /** Words behind `yurt-ssh` as the operator gave them. */
  command: readonly string[]
  inventory: readonly string[]
  /** Folder of the run's record, and the report, where they were written. */
  record?: string
  report?: string
  /** The record's file with the names of hosts for a next `--limit`. */
  failedHosts?: string
}

/** From the best to the worst: a host's status is the worst of its phases. */
const statuses: readonly HostStatus[] = ['unchanged', 'changed', 'skipped', 'unreachable', 'failed']

/** Where one stands after a run: totals, what is written where, and the next command. */
export function closingLines(closing: Closing): string[] {
  const { record, report } = closing
  return [
    `${totals(closing)}, in ${duration(closing.seconds)}`,
    ...(record === undefined ? [] : [`record: ${record}`]),
    ...(report === undefined ? [] : [`report: ${report}`]),
    nextLine(closing),
  ]
}

function totals({ verb, run, leftOut }: Closing): string {
  const worst = new Map<string, HostStatus>()
  for (const { host, status } of run.hosts) {
    const known = worst.get(host)
    if (known === undefined || statuses.indexOf(status) > statuses.indexOf(known)) worst.set(host, status)
  }
  const words: Record<HostStatus, string> = {
    changed: `${verb}ed`,
    unchanged: 'unchanged',
    failed: 'failed',
    unreachable: 'unreachable',
    skipped: 'not begun',
  }
  const counts = (['changed', 'unchanged', 'failed', 'unreachable', 'skipped'] as const).flatMap((status) => {
    const count = [...worst.values()].filter((own) => own === status).length
    return count === 0 ? [] : [`${count} ${words[status]}`]
  })
  const without = leftOut.length === 0 ? [] : [`${leftOut.length} left out`]
  const all = [...counts, ...without]
  return all.length === 0 ? 'no host was worked' : all.join(', ')
}

function nextLine(closing: Closing): string {
  const { verb, run, failedHosts } = closing
  const failed = failedHosts === undefined ? '' : 'mend what is named above, then '
  if (run.interrupted || run.error !== undefined || run.skipped.length > 0)
    return `next: ${failed}${again(closing)} goes on from here`
  if (failedHosts !== undefined) return `next: ${failed}${again(closing, ['--limit', `@${failedHosts}`])}`
  const inventory = closing.inventory.flatMap((file) => ['-i', file])
  return `next: ${quoted(['status', ...inventory])} shows it; docs/${verb}.md has what changed`
}

/** The command that was given, with `limit` instead of its own; a stored plan's is its verb's. */
function again({ verb, command, inventory }: Closing, limit: readonly string[] = []): string {
  const own = command[0] === verb ? command : [verb, ...inventory.flatMap((file) => ['-i', file])]
  return quoted(limit.length === 0 ? own : [...withoutHosts(own), ...limit])
}

/** Without the flags that choose hosts: who was left behind is back then. */
function withoutHosts(words: readonly string[]): string[] {
  return words.filter(
    (word, index) =>
      !/^(--(limit|leave-behind)(=.*)?|-l.*)$/.test(word) &&
      !/^(--limit|--leave-behind|-l)$/.test(words[index - 1] ?? ''),
  )
}

function quoted(words: readonly string[]): string {
  return `\`yurt-ssh ${words.map(shellWord).join(' ')}\``
}
