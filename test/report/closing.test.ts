import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { type Closing, closingLines } from '../../src/report/closing.js'
import { shellWord } from '../../src/report/shell-word.js'
import type { HostResult } from '../../src/rollout/host.js'

const result = (host: string, status: HostResult['status'], title = 'edge hosts'): HostResult => ({
  host,
  node: host,
  title,
  status,
  seconds: 1,
  steps: [],
  notes: [],
})
const many = (count: number, status: HostResult['status'], name: string): HostResult[] =>
  Array.from({ length: count }, (_, at) => result(`${name}-${at}`, status))
const clean: Closing = {
  verb: 'convert',
  run: { hosts: many(2, 'changed', 'edge'), skipped: [], interrupted: false },
  leftOut: [],
  seconds: 62,
  command: ['convert', '-i', 'fleet.yaml', '--yes'],
  inventory: ['fleet.yaml'],
  record: '/runs/1',
}

it.each<[string, Partial<Closing>, string[]]>([
  [
    'a clean end',
    { report: 'r.html' },
    [
      '2 converted, in 62 s',
      'record: /runs/1',
      'report: r.html',
      'next: `yurt-ssh status -i fleet.yaml` shows it; docs/convert.md has what changed',
    ],
  ],
  [
    'a half-failed one',
    {
      run: {
        hosts: [
          ...many(382, 'changed', 'edge'),
          ...many(11, 'failed', 'sick'),
          ...many(7, 'unreachable', 'far'),
          result('edge-1', 'failed', 'cloud hosts'),
        ],
        skipped: [],
        interrupted: false,
      },
      leftOut: ['gone-1'],
      seconds: 252,
      command: ['convert', '-i', 'my fleet.yaml', '-l', 'edge', '--limit=x', '--leave-behind', 'b', '--yes'],
      failedHosts: '/runs/1/failed-hosts',
    },
    [
      '381 converted, 12 failed, 7 unreachable, 1 left out, in 4 min 12 s',
      'record: /runs/1',
      "next: mend what is named above, then `yurt-ssh convert -i 'my fleet.yaml' --yes --limit @/runs/1/failed-hosts`",
    ],
  ],
  [
    'one that was interrupted',
    { run: { hosts: [result('edge-1', 'skipped')], skipped: ['edge hosts'], interrupted: true } },
    [
      '1 not begun, in 62 s',
      'record: /runs/1',
      'next: `yurt-ssh convert -i fleet.yaml --yes` goes on from here',
    ],
  ],
  [
    'a stored plan that was stopped: its verb goes on',
    {
      verb: 'revert',
      run: { hosts: [], skipped: ['cluster'], interrupted: false, error: new YurtSshError('API_X', 'x') },
      command: ['apply', 'plan.json'],
      failedHosts: '/runs/1/failed-hosts',
    },
    [
      'no host was worked, in 62 s',
      'record: /runs/1',
      'next: mend what is named above, then `yurt-ssh revert -i fleet.yaml` goes on from here',
    ],
  ],
])('the last lines of a run: %s', (_, given, lines) => {
  expect(closingLines({ ...clean, ...given })).toEqual(lines)
})

it.each(['plain-1.yaml', '!a', "it's", '', 'two words', '$HOME', '@/x/y'])(
  'a shell reads %j back',
  (word) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word)
  },
)
