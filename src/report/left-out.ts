import { groupBy, hostsText } from './alike.js'
import type { RunReport } from './summary.js'

/** Who was not worked, and why: those left out before the start, then those that the run's end came before. */
export function notWorked({ leftOut, hosts, outcome }: RunReport): { who: string; why: string }[] {
  const end = outcome === 'lost' ? 'the client died first' : 'the run ended first'
  const unbegun = hosts
    .filter(({ status }) => status === 'skipped' || status === 'waiting')
    .map(({ name }) => ({ host: name, why: `not begun: ${end}` }))
  return groupBy(
    [...leftOut.map(({ host, why }) => ({ host, why: `left out: ${why}` })), ...unbegun],
    ({ why }) => why,
  ).map((same) => ({ who: hostsText(same.map(({ host }) => host)), why: same[0]?.why ?? '' }))
}
