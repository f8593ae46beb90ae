import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import type { HostStatus } from '../../src/plan/status.js'
import { renderStatus, type StatusView } from '../../src/report/status.js'

const lock = {
  holder: 'ops@here:4711/20261124t220000-c0de',
  since: '2026-11-24T22:00:01.000000Z',
  renewed: '2026-11-24T22:10:00.000000Z',
  expires: '2026-11-24T22:11:00.000Z',
}
const held = 'cluster: locked by ops@here:4711/20261124t220000-c0de since 2026-11-24 22:00:01 UTC'
const dead = { id: '20261124t220000-c0de', verb: 'convert', began: '2026-11-24T22:00:00Z' }
const atWork = '  expires in 40 s unless it is renewed: that run may be at work'
const died = [
  'run 20261124t220000-c0de (convert, called 2026-11-24 22:00:00 UTC) died on this machine',
  '  `yurt-ssh report 20261124t220000-c0de` has what is known of it',
]
const open = 'edge-1: undoes the transaction r, which a dead run left open'
const nothing: StatusView = {
  hosts: [],
  plan: { verb: 'convert', release: 'v0.6.1', phases: [], notes: [] },
  lock: null,
  deadRuns: [],
  halfReverted: null,
  unsettled: [],
}

it.each<[string, Partial<StatusView>, string, string[]]>([
  ['nobody', {}, '22:10:20', []],
  ['a run at work', { lock }, '22:10:20', [held, atWork]],
  [
    'a lock that ran out',
    { lock },
    '22:15:00',
    [
      held,
      '  expired 4 min ago: that run is dead, or its clock differs from this one; `yurt-ssh unlock` removes the lock',
    ],
  ],
  [
    'a run that left nothing',
    { deadRuns: [dead] },
    '22:10:20',
    [...died, 'Nothing of it is left open on the hosts that were read.'],
  ],
  [
    'a run that left a transaction',
    { deadRuns: [dead], unsettled: [open] },
    '22:10:20',
    [...died, '`yurt-ssh recover` settles this:', `  ${open}`],
  ],
  [
    'its lock',
    { lock, deadRuns: [dead] },
    '22:10:20',
    [
      held,
      '  expires in 40 s unless it is renewed; that run died on this machine: the next run takes over at once',
      ...died,
      'Nothing of it is left open on the hosts that were read.',
    ],
  ],
  [
    'a transaction that somebody may be at work on',
    { lock, unsettled: [open] },
    '22:10:20',
    [held, atWork, '`yurt-ssh recover` settles this, once the lock is free or dead:', `  ${open}`],
  ],
  [
    'a half reverted cluster',
    { halfReverted: { waitsFor: ['edge-2'] }, unsettled: [open] },
    '22:10:20',
    ['`yurt-ssh recover` settles this:', `  ${open}`],
  ],
])('status shows %s', (_what, changes, time, lines) => {
  const text = renderStatus({ ...nothing, ...changes }, Date.parse(`2026-11-24T${time}Z`))
  expect(stripVTControlCharacters(text).split('\n').slice(1, -1)).toEqual(lines)
})

it.each([
  [[], 'A revert is half done. `revert` goes on; `convert` goes the other way.'],
  [
    ['edge-2', 'edge-7'],
    "A revert is half done. The cluster's part waits for edge-2, edge-7. `revert` goes on, with `--leave-behind` without these; `convert` goes the other way.",
  ],
])('says that a revert is half done, and waits for %j', (waitsFor, says) => {
  const text = stripVTControlCharacters(renderStatus({ ...nothing, halfReverted: { waitsFor } }, 0))
  expect(text.split('\n').at(-1)).toBe(says)
})

it.each([
  ['True', 'Ready'],
  ['False', 'not Ready'],
  ['Unknown', 'not Ready'],
  ['-', '-'],
])('says of a Node whose Ready is %s: %s', (ready, word) => {
  const row = {
    host: 'edge-1',
    node: 'edge-1',
    role: 'edge' as const,
    state: ready === '-' ? ('unreachable' as const) : ('converted' as const),
    ready,
    differs: [],
  } satisfies HostStatus
  const text = stripVTControlCharacters(renderStatus({ ...nothing, hosts: [row] }, 0))
  expect(text).toMatch(new RegExp(`^edge-1 .* ${word}$`, 'm'))
})
