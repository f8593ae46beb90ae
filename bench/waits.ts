import { basename, dirname } from 'node:path'
import { readRun } from '../src/report/record-reader.js'
import { timeline } from '../src/report/timeline.js'
import { criticalPath, kubeletReport, type Piece } from './critical-path.js'
import type { Part } from './part.js'

const columns = ['seconds', 'nobody can avoid']

/** Where the time of a recorded run went: its wall time against what hosts and cluster took on its critical path. */
export const waits: Part = async ({ record }) => {
  if (record === undefined)
    return {
      part: 'waits',
      skipped: 'it reads a run: --record FOLDER, such as ~/.local/state/yurt-ssh/runs/ID',
    }
  const { header, events, end } = readRun(dirname(record), basename(record))
  if (end === undefined) return { part: 'waits', skipped: `${record} has no end` }
  const began = Date.parse(header.began)
  const before: Piece = {
    phase: 'before the run',
    what: 'lock, facts, checks, plan',
    seconds: (began - startOf(header.id)) / 1000,
    wait: false,
  }
  const pieces = [before, ...criticalPath(timeline(events, header.began))]
  const wall = (Date.parse(end.ended) - startOf(header.id)) / 1000
  const waited = sum(pieces.filter(({ wait }) => wait))
  const chance = sum(pieces.filter(({ what }) => what === kubeletReport))
  const row = (what: string, seconds: number, wait: number) => ({
    what,
    values: { seconds, 'nobody can avoid': wait },
  })
  return {
    part: 'waits',
    title: `A ${header.verb} of ${header.hosts.length} hosts: where the time goes`,
    columns,
    rows: [
      ...pieces
        .filter(({ seconds }) => seconds >= 0.05)
        .map(({ phase, what, seconds, wait }) => row(`${phase}: ${what}`, seconds, wait ? seconds : 0)),
      row('together', wall, waited),
    ],
    notes: [
      `wall time is ${(wall / waited).toFixed(2)} times the waits that nobody can avoid`,
      `${((wall - chance) / (waited - chance)).toFixed(2)} times without the kubelet's reports, whose length is chance`,
      'the critical path: of hosts that are worked side by side only those that decide when the phase ends',
      'a wait is counted as long as the record shows it: up to half a second of it is the look that found its end',
    ],
  }
}

function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((total, { seconds }) => total + seconds, 0)
}

/** When a run got its id, in whole seconds: see newRunId in src/commands/change.ts. */
function startOf(id: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)/.exec(id) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
