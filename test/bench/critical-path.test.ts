import { expect, it } from 'vitest'
import { criticalPath } from '../../bench/critical-path.js'
import type { Lane, Span, Timeline } from '../../src/report/timeline.js'

/** Spans that follow each other from `from` on, as `step seconds`. */
function lane(from: number, ...steps: string[]): Lane {
  const spans: Span[] = []
  for (const text of steps) {
    const [step = '', seconds = ''] = text.split(' ')
    const begin = spans.at(-1)?.to ?? from
    spans.push({ step, text, from: begin, to: begin + Number(seconds) })
  }
  return { spans, statuses: ['changed'], messages: [], notes: [], open: false }
}

const cluster: Span[] = [{ step: 'cluster', text: 'Deployment d', from: 0.5, to: 3 }]
const phase = (title: string, from: number, to: number, hosts: number) => ({
  title,
  from,
  to,
  hosts,
  ended: true,
})

it('follows the hosts that decide when a phase ends', () => {
  const run: Timeline = {
    phases: [phase('components', 0, 4, 0), phase('edge hosts', 4, 30, 3)],
    cluster,
    hosts: new Map([
      // two at a time: c begins when a has ended, and ends last
      ['a', lane(4, 'connect 1', 'wait-hub 9')],
      ['b', lane(4, 'connect 1', 'wait-hub 20')],
      ['c', lane(14, 'connect 1', 'wait-hub 5', 'write-file 2', 'restart-kubelet 7.5')],
    ]),
    notes: [],
    seconds: 30,
  }
  expect(criticalPath(run)).toEqual([
    { phase: 'components', what: 'Deployments and Leases', seconds: 2.5, wait: true },
    { phase: 'components', what: 'own steps', seconds: 1.5, wait: false },
    { phase: 'edge hosts', what: 'own steps', seconds: 4.5, wait: false },
    { phase: 'edge hosts', what: 'hub start', seconds: 14, wait: true },
    { phase: 'edge hosts', what: 'kubelet restart until Ready', seconds: 7.5, wait: true },
  ])
})

it('adds up to the phase where hosts go one by one', () => {
  const hosts = new Map([
    ['a', lane(0, 'connect 1', 'wait-controller-manager 10', 'confirm 4')],
    ['b', lane(15, 'connect 1', 'wait-controller-manager 12', 'confirm 2')],
  ])
  const run = { phases: [phase('kcm', 0, 30.5, 2)], cluster: [], hosts, notes: [], seconds: 31 }
  const pieces = criticalPath(run)
  expect(pieces.map(({ what, seconds }) => [what, seconds])).toEqual([
    ['own steps', 2.5],
    ['kube-controller-manager restart', 22],
    ["kubelet's report to the API", 6],
  ])
})
