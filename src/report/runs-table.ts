import colors from 'picocolors'
import { instant, span } from './page-words.js'
import type { Outcome, RunSummary } from './record-reader.js'
import { table } from './table.js'

const paint: Record<Outcome, (text: string) => string> = {
  done: colors.green,
  failed: colors.red,
  interrupted: colors.yellow,
  running: colors.cyan,
  lost: colors.red,
}

/** A line per run, the newest first; times in UTC, as in the ids. */
export function renderRuns(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No runs.'
  const rows = runs.map(({ id, verb, began, seconds, hosts, failed, outcome }) => [
    id,
    verb,
    instant(began),
    seconds === undefined ? '' : span(seconds),
    failed === 0 ? String(hosts) : `${hosts}, ${failed} failed`,
    paint[outcome](outcome),
  ])
  return table([['RUN', 'VERB', 'BEGAN', 'TOOK', 'HOSTS', 'OUTCOME'].map(colors.bold), ...rows])
}
