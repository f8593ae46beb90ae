import { describe, expect, it } from 'vitest'
import { eventLine, type Verbosity } from '../../src/report/event-line.js'
import { advance, frameRows, frameTitle, phaseSummary, startState } from '../../src/report/progress-state.js'
import type { HostStatus, RunEvent } from '../../src/rollout/events.js'
import { hostEvents, steps } from '../support/events.js'

const phase: RunEvent = { type: 'phase', title: 'edge hosts', index: 4, count: 6, hosts: 10 }
const begin = (host: string): RunEvent => ({ type: 'host', host, title: 'edge hosts' })
const done = (status: HostStatus): RunEvent[] => hostEvents('x', status, 60)
const many = (count: number): RunEvent[] => Array.from({ length: count }, (_, index) => begin(`h${index}`))

/** The rows a minute after the phase began, every event at its beginning. */
function rowsAfter(events: readonly RunEvent[], rows = 20, columns = 80): string[] {
  const state = startState(0)
  for (const event of events) advance(state, event, 0)
  return frameRows(state, { rows, columns }, 60_000)
}

describe('a frame', () => {
  it.each<[string, RunEvent[], string[]]>([
    ['nothing yet', [phase], ['0 done, 0 failed, 0 unreachable, 10 left (0 running)', '60 s']],
    [
      'one of each',
      [phase, ...done('changed'), ...done('failed'), ...done('unreachable'), ...done('unchanged')],
      ['2 done, 1 failed, 1 unreachable, 6 left (0 running)', '60 s, 4.0 hosts/min, about 90 s left'],
    ],
    [
      'a long way to go',
      [{ ...phase, hosts: 800 }, ...done('changed')],
      ['1 done, 0 failed, 0 unreachable, 799 left (0 running)', '60 s, 1.0 hosts/min, about 799 min left'],
    ],
    [
      'all done',
      [{ ...phase, hosts: 1 }, ...done('changed')],
      ['1 done, 0 failed, 0 unreachable, 0 left (0 running)', '60 s, 1.0 hosts/min'],
    ],
    [
      'a running host and its step',
      [phase, ...hostEvents('edge-1', 'changed', 1).slice(0, 6)],
      [
        '0 done, 0 failed, 0 unreachable, 10 left (1 running)',
        '60 s',
        'edge-1   60 s  wait for the hub, up to 180 s',
      ],
    ],
    [
      'a step that only prepares an undo',
      [phase, begin('edge-1'), { type: 'host-step', host: 'edge-1', step: steps[0] as (typeof steps)[0] }],
      ['0 done, 0 failed, 0 unreachable, 10 left (1 running)', '60 s', 'edge-1   60 s  connects'],
    ],
    [
      'the cluster',
      [
        { ...phase, hosts: 0 },
        { type: 'cluster-step', text: 'create ConfigMap a' },
      ],
      ['create ConfigMap a  60 s'],
    ],
    [
      'a new phase, which counts anew',
      [phase, ...done('failed'), begin('edge-1'), { ...phase, hosts: 0 }],
      ['60 s'],
    ],
  ])('of %s', (_, events, rows) => {
    expect(rowsAfter(events)).toEqual(rows)
  })

  it.each([
    [8, 20, 8, 'h7'],
    [9, 5, 2, 'and 7 more'],
    [3, 5, 3, 'h2'],
    [9, 3, 0, 'and 9 more'],
    [9, 1, 0, '0 done'],
    [9, -2, 0, '0 done'],
    [2000, 20, 17, 'and 1983 more'],
  ])('of %i running hosts in %i rows has %i of them', (hosts, rows, shown, last) => {
    const frame = rowsAfter([phase, ...many(hosts)], rows)
    expect(frame.length).toBeLessThanOrEqual(Math.max(1, rows))
    expect(frame.filter((line) => /^h\d/.test(line))).toHaveLength(shown)
    expect(frame.at(-1)).toContain(last)
  })

  it.each([10, 40, 1])('has no row wider than %i', (columns) => {
    const rows = rowsAfter(
      [phase, ...hostEvents('a-host-with-a-long-name', 'changed', 1).slice(0, 6)],
      20,
      columns,
    )
    expect(rows.every((row) => row.length <= columns)).toBe(true)
  })

  it('has phase and wave in its title, and counts in what stays', () => {
    const state = startState(0)
    advance(state, phase, 0)
    expect(frameTitle(state)).toBe('[5/6] edge hosts')
    advance(state, { type: 'wave', index: 1, count: 3, hosts: 4 }, 0)
    expect(frameTitle(state)).toBe('[5/6] edge hosts, wave 2/3')
    for (const event of done('failed')) advance(state, event, 0)
    expect(phaseSummary(state, 130)).toBe('[5/6] edge hosts: 0 done, 1 failed, 0 unreachable in 2 min 10 s')
    advance(state, { ...phase, hosts: 0 }, 0)
    expect(phaseSummary(state, 3)).toBe('[5/6] edge hosts: 3 s')
    expect(frameTitle(state)).toBe('[5/6] edge hosts')
  })
})

describe('a line per event', () => {
  const step = (index: number): RunEvent => ({
    type: 'host-step',
    host: 'edge-1',
    step: steps[index] as (typeof steps)[0],
  })
  const failed = hostEvents('edge-1', 'failed', 12).at(-1) as RunEvent
  const failure = 'edge-1: failed in 12 s: the hub did not become healthy within 180 s; put back as it was'

  it.each<[RunEvent, Partial<Record<Verbosity, string>>]>([
    [
      phase,
      { 0: '[5/6] edge hosts, 10 hosts', 1: '[5/6] edge hosts, 10 hosts', 2: '[5/6] edge hosts, 10 hosts' },
    ],
    [begin('edge-1'), { 1: 'edge-1: begins, edge hosts', 2: 'edge-1: begins, edge hosts' }],
    [
      step(1),
      {
        0: 'edge-1: pull image openyurt/yurthub:v0.6.1',
        1: 'edge-1: pull image openyurt/yurthub:v0.6.1 (it is missing)',
        2: 'edge-1: pull image openyurt/yurthub:v0.6.1 (it is missing)',
      },
    ],
    [step(0), { 2: 'edge-1: note that an undo removes the hub (an undo takes the hub away)' }],
    [{ type: 'host-output', host: 'edge-1', line: 'words' }, { 2: 'edge-1 | words' }],
    [failed, { [-1]: failure, 0: failure, 1: failure, 2: failure }],
    [
      { type: 'note', text: 'a note' },
      { 0: 'a note', 1: 'a note', 2: 'a note' },
    ],
    [
      { type: 'wave', index: 0, count: 3, hosts: 1 },
      { 0: 'wave 1/3, 1 host', 1: 'wave 1/3, 1 host', 2: 'wave 1/3, 1 host' },
    ],
  ])('%o', (event, lines) => {
    for (const verbosity of [-1, 0, 1, 2] as const)
      expect(eventLine(event, verbosity), `verbosity ${verbosity}`).toBe(lines[verbosity])
  })
})
