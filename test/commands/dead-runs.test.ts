import { expect, it } from 'vitest'
import { deadRuns, heldLock, runOf } from '../../src/commands/dead-runs.js'
import type { Outcome, RunSummary } from '../../src/report/record-reader.js'

const server = 'https://192.0.2.1:6443'

function runOn(id: string, outcome: Outcome, changes: Partial<RunSummary> = {}): RunSummary {
  const ended = outcome === 'lost' || outcome === 'running' ? {} : { ended: '2026-11-24T22:40:00Z' }
  const began = '2026-11-24T22:00:00Z'
  return {
    id,
    verb: 'convert',
    began,
    server,
    machine: 'here',
    hosts: 1,
    failed: 0,
    outcome,
    ...ended,
    ...changes,
  }
}

it.each([
  ['the one that died', [runOn('b', 'lost'), runOn('a', 'done')], ['b']],
  ['not before one that ended, however it did', [runOn('b', 'failed'), runOn('a', 'lost')], []],
  ['two in a row', [runOn('c', 'lost'), runOn('b', 'lost'), runOn('a', 'interrupted')], ['c', 'b']],
  ['not one that goes on', [runOn('b', 'running'), runOn('a', 'lost')], ['a']],
  ['not of another machine: it may be alive there', [runOn('a', 'lost', { machine: 'there' })], []],
  ['not of another cluster', [runOn('a', 'lost', { server: 'https://192.0.2.9:6443' })], []],
  [
    'whatever ended on another cluster',
    [runOn('b', 'done', { server: 'https://192.0.2.9:6443' }), runOn('a', 'lost')],
    ['a'],
  ],
])('dead runs: %s', (_what, runs, dead) => {
  expect(deadRuns(runs, server, 'here').map(({ id }) => id)).toEqual(dead)
})

const state = {
  holder: 'ops@here:4711/20261124t220000-c0de',
  since: '2026-11-24T22:00:01.000000Z',
  renewed: '2026-11-24T22:10:00.000000Z',
  durationSeconds: 60,
  uid: 'u',
  resourceVersion: '7',
}

it('a lock expires its duration after it was renewed, and names its run', () => {
  expect(heldLock(state)).toEqual({
    holder: state.holder,
    since: state.since,
    renewed: state.renewed,
    expires: '2026-11-24T22:11:00.000Z',
  })
  expect(runOf(state)).toBe('20261124t220000-c0de')
})

it.each([[null], [{ ...state, holder: '' }]])('no lock is held where nobody holds it: %j', (free) => {
  expect(heldLock(free)).toBeNull()
})
