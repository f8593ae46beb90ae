import { describe, expect, it } from 'vitest'
import type { ClusterStep } from '../../src/cluster/types.js'
import { causesOf, failuresOf } from '../../src/report/causes.js'
import { plannedChanges } from '../../src/report/changes.js'
import { toJson } from '../../src/report/json.js'
import { renderJunit } from '../../src/report/junit.js'
import { renderPage } from '../../src/report/page.js'
import { pageData } from '../../src/report/page-data.js'
import { clock, span } from '../../src/report/page-words.js'
import type { RecordedEvent } from '../../src/report/record-format.js'
import type { RunRecord } from '../../src/report/record-reader.js'
import { renderReport } from '../../src/report/report-text.js'
import { renderRuns } from '../../src/report/runs-table.js'
import { summarize } from '../../src/report/summary.js'
import { timeline } from '../../src/report/timeline.js'
import { simulatedRun } from '../support/simulated-run.js'

const began = '2026-11-24T22:00:00.000Z'
type Untimed = RecordedEvent extends infer E ? (E extends { time: string } ? Omit<E, 'time'> : never) : never
const at = (second: number, event: Untimed): RecordedEvent =>
  ({ time: new Date(Date.parse(began) + second * 1000).toISOString(), ...event }) as RecordedEvent
const host = 'edge-1'
const phase: Untimed = { type: 'phase', title: 'edge hosts', index: 0, count: 1, hosts: 1 }
const step = (text: string): Untimed => ({ type: 'host-step', host, step: 'wait-hub', text, reason: '' })
const done = (status: 'changed' | 'failed'): Untimed => ({
  type: 'host-done',
  host,
  status,
  seconds: 5,
  ...(status === 'failed' ? { message: 'no hub' } : {}),
})
const begin: Untimed = { type: 'host', host, title: 'edge hosts' }

describe('a timeline', () => {
  it.each<[string, RecordedEvent[], string[]]>([
    [
      'steps last until the next, the last until the host is done',
      [
        at(0, phase),
        at(1, begin),
        at(2, step('a')),
        at(5, step('b')),
        at(9, done('changed')),
        at(10, { type: 'phase-done', title: 'edge hosts', seconds: 10 }),
      ],
      ['connect 1-2', 'a 2-5', 'b 5-9'],
    ],
    [
      'the API has its own',
      [at(1, begin), at(2, { type: 'host-confirm', host }), at(4, done('changed'))],
      ['connect 1-2', 'wait for the API to confirm it 2-4'],
    ],
    [
      'a step that only prepares an undo is none',
      [at(1, begin), at(2, { ...step('x'), hidden: true } as Untimed), at(4, done('changed'))],
      ['connect 1-4'],
    ],
    [
      'two phases of a host',
      [at(1, begin), at(2, done('changed')), at(5, begin), at(7, done('failed'))],
      ['connect 1-2', 'connect 5-7'],
    ],
    [
      'a record that was cut off lasts until its last event',
      [at(1, begin), at(2, step('a')), at(8, { type: 'note', text: 'x' })],
      ['connect 1-2', 'a 2-8'],
    ],
    [
      'a note of a host is no step',
      [at(1, begin), at(2, { type: 'note', host, text: 'x' }), at(3, done('changed'))],
      ['connect 1-3'],
    ],
  ])('%s', (_, events, spans) => {
    const lane = timeline(events, began).hosts.get(host)
    expect(lane?.spans.map(({ text, from, to }) => `${text} ${from}-${to}`)).toEqual(spans)
  })

  it('has the cluster and the phases', () => {
    const drawn = timeline(
      [
        at(0, { ...phase, hosts: 0 } as Untimed),
        at(1, { type: 'cluster-step', text: 'one' }),
        at(3, { type: 'cluster-step', text: 'two' }),
        at(6, { type: 'phase-done', title: 'components', seconds: 6 }),
        at(7, phase),
        at(9, { type: 'note', text: 'cut off' }),
      ],
      began,
    )
    expect(drawn.cluster.map(({ text, from, to }) => `${text} ${from}-${to}`)).toEqual(['one 1-3', 'two 3-6'])
    expect(drawn.phases.map(({ from, to, ended }) => [from, to, ended])).toEqual([
      [0, 6, true],
      [7, 9, false],
    ])
    expect(drawn.notes).toEqual(['cut off'])
  })
})

describe('a summary', () => {
  it('counts each host by the worst of its phases', () => {
    const { counts, hosts, outcome, seconds } = summarize(simulatedRun(100, { oddity: 10 }))
    expect(counts).toMatchObject({ changed: 90, failed: 7, unreachable: 3, waiting: 0 })
    expect(hosts.find(({ status }) => status === 'failed')?.errors[0]?.code).toBe('HOST_FAILED')
    expect(outcome).toBe('failed')
    expect(seconds).toBeGreaterThan(180)
  })

  /** The record as it stands when its client is killed after so many events. */
  const cut = (events: number): RunRecord => {
    const { end: _, ...record } = simulatedRun(40, { forks: 5 })
    return { ...record, events: record.events.slice(0, events) }
  }

  it('of a client that was killed has what is known', () => {
    const { counts, outcome, exitCode } = summarize(cut(60))
    expect(outcome).toBe('lost')
    expect(exitCode).toBeUndefined()
    expect(counts.unfinished).toBe(5)
    expect(counts.waiting).toBeGreaterThan(20)
  })

  it('of a client that was killed has the failures that it saw', () => {
    const { hosts } = summarize(cut(350))
    expect(hosts.find(({ status }) => status === 'failed')?.errors[0]?.message).toMatch(/^the hub did not/)
  })

  it('is small enough to draw at 1,000 hosts', () => {
    const data = pageData(summarize(simulatedRun(1000)))
    expect(data.hosts).toHaveLength(1001)
    expect(data.texts.length).toBeLessThan(20)
    expect(JSON.stringify(data).length).toBeLessThan(600_000)
  })
})

describe('causes', () => {
  it('are made of every failure of a host', () => {
    const report = summarize(simulatedRun(4))
    const messages = [
      'edge-0001: no hub within 20 s',
      'out of memory',
      'edge-0003: no hub within 90 s',
      'edge-0004: no hub within 7 s',
    ]
    for (const [index, reported] of report.hosts.entries())
      reported.errors = [{ code: 'HOST_FAILED', message: messages[index] ?? '' }]
    report.hosts[1]?.errors.push({ code: 'SSH_LOST', message: 'gone' })
    const causes = causesOf(failuresOf(report.hosts))
    expect(causes.map((failures) => failures.map(({ host }) => host))).toEqual([
      ['edge-0001', 'edge-0003', 'edge-0004'],
      ['edge-0002'],
      ['edge-0002'],
    ])
  })
})

describe('changes', () => {
  it('stand once for all hosts that get exactly the same', () => {
    const { plan } = simulatedRun(14)
    if (plan === undefined) throw new Error('no plan')
    const changes = plannedChanges(plan).map(({ text, hosts, diff }) => [text, hosts.length, diff.length])
    expect(changes).toEqual([
      ['create ConfigMap kube-system/yurt-hub-cfg', 0, 8],
      ['pull image openyurt/yurthub:v0.6.1', 14, 0],
      ['change /var/lib/kubelet/kubeadm-flags.env (0644)', 2, 4],
      ['restart the kubelet, prove it through the hub', 14, 0],
      ['label openyurt.io/is-edge-worker=true', 14, 0],
      ['change /var/lib/kubelet/kubeadm-flags.env (0644)', 12, 3],
    ])
  })

  it('show no token', () => {
    const { plan } = simulatedRun(1)
    const phases = plan?.phases ?? []
    for (const one of phases)
      if (one.kind === 'hosts')
        for (const { transaction } of one.work)
          for (const change of transaction?.steps ?? [])
            if (change.kind === 'write-file') {
              change.content = '--join-token={{token}}\n'
              change.beforeContent = '--join-token=abcdef.0123456789abcdef\n'
            }
    const text = JSON.stringify(plannedChanges({ verb: 'convert', release: '', notes: [], phases }))
    expect(text).not.toMatch(/0123456789abcdef|\{\{token/)
  })

  it('show no value of a Secret, new, changed or gone', () => {
    const secret = (value: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'certs', namespace: 'kube-system' },
      data: { key: value },
    })
    const [now, then] = [secret('bm93'), secret('dGhlbg==')]
    const ref = { apiVersion: 'v1', kind: 'Secret', name: 'certs', namespace: 'kube-system' }
    const steps: ClusterStep[] = [
      { kind: 'apply', object: now, before: null, reason: 'new' },
      { kind: 'apply', object: now, before: then, reason: 'changed' },
      { kind: 'delete', ref, before: then, reason: 'gone' },
    ]
    const phases = [{ title: 'objects', kind: 'cluster' as const, steps }]
    const changes = plannedChanges({ verb: 'convert', release: '', notes: [], phases })
    const lines = changes.map(({ diff }) => diff.filter((line) => line.includes('key:')))
    expect(lines).toEqual([
      ['+  key: "********"'],
      ['-  key: "********"', '+  key: "******** (changed)"'],
      ['-  key: "********"'],
    ])
    expect(JSON.stringify(changes)).not.toMatch(/bm93|dGhlbg/)
  })
})

describe('JUnit', () => {
  const report = summarize(simulatedRun(10, { oddity: 5 }))

  it('counts', () => {
    expect(renderJunit(report).match(/<testcase /g)).toHaveLength(11)
    expect(renderJunit(report)).toMatch(/tests="11" failures="2" errors="0" skipped="0"/)
    const lost = summarize({ ...simulatedRun(10), events: [], end: undefined as never })
    expect(renderJunit(lost)).toMatch(/tests="11" failures="0" errors="1" skipped="10"/)
  })
})

it('a report in a few lines', () => {
  expect(renderReport(summarize(simulatedRun(5, { oddity: 5 }))).split('\n')).toEqual([
    '20261124t220000-c0de: convert, OpenYurt v0.6.1, 24 Nov 2026, 22:00 UTC, 3 min 39 s',
    'failed, exit code 3: 4 changed, 1 failed',
    'the hub did not become healthy within 180 s; put back as it was [HOST_FAILED]',
    '  edge-0003',
    '  hint: it waits for its certificate: is yurt-controller-manager running, and is its Lease being renewed?',
  ])
})

it('a report names who was not worked, and why', () => {
  const run = simulatedRun(5, { oddity: 5 })
  const header = {
    ...run.header,
    leftOut: [
      { host: 'edge-1', why: 'not in --limit' },
      { host: 'edge-2', why: 'not in --limit' },
      { host: 'edge-3', why: 'its node is <not> Ready' },
    ],
  }
  const report = summarize({ ...run, header })
  expect(renderReport(report)).toContain(
    '\nleft out: not in --limit: edge-[1:2] (2 hosts)\nleft out: its node is <not> Ready: edge-3\n',
  )
  expect(renderPage(report, undefined, () => '')).toContain(
    '<li><strong>edge-3</strong> left out: its node is &lt;not&gt; Ready</li>',
  )
  expect(renderJunit(report)).toMatch(/name="edge-1"[^>]*>\s*<skipped message="left out: not in --limit"\/>/)
  expect(JSON.parse(toJson(report))).toMatchObject({ leftOut: header.leftOut })
})

it('a report names whom a run did not begin', () => {
  const run = simulatedRun(3, { oddity: 5 })
  if (run.end === undefined) throw new Error('it has no end')
  const skipped = run.end.hosts.map(({ error: _, ...result }) => ({ ...result, status: 'skipped' as const }))
  const stopped = { ...run, events: [], end: { ...run.end, hosts: skipped } }
  expect(renderReport(summarize(stopped))).toContain(
    '\nnot begun: the run ended first: edge-[0001:0003] (3 hosts)',
  )
  const { end: _, ...dead } = stopped
  expect(renderReport(summarize(dead))).toContain(
    '\nnot begun: the client died first: edge-[0001:0003] (3 hosts)',
  )
})

it('a list of runs', () => {
  const run = { id: 'a', verb: 'convert', began, hosts: 800, server: '', machine: '' } as const
  const text = renderRuns([
    { ...run, ended: '2026-11-24T22:40:00.000Z', seconds: 2400, failed: 3, outcome: 'failed', exitCode: 3 },
    { ...run, failed: 0, outcome: 'lost' },
  ])
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['RUN', 'VERB', 'BEGAN', 'TOOK', 'HOSTS', 'OUTCOME'],
    ['a', 'convert', '2026-11-24 22:00:00 UTC', '40 min', '800, 3 failed', 'failed'],
    ['a', 'convert', '2026-11-24 22:00:00 UTC', '800', 'lost'],
  ])
  expect(renderRuns([])).toBe('No runs.')
})

it.each([
  [0, '0 s'],
  [0.25, '0.3 s'],
  [9.99, '10 s'],
  [119.4, '119 s'],
  [120, '2 min'],
  [3042, '50 min 42 s'],
  [7260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(span(seconds)).toBe(text)
})

it.each([
  ['2026-11-24T22:05:59.000Z', '24 Nov 2026, 22:05 UTC'],
  ['nonsense', 'nonsense'],
])('%s reads %s', (time, text) => {
  expect(clock(time)).toBe(text)
})
