import { expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/types.js'
import { YurtSshError } from '../../src/errors.js'
import type { HostWork } from '../../src/plan/types.js'
import { runHostWork } from '../../src/rollout/host.js'
import type { HostSession } from '../../src/ssh/types.js'
import { release } from '../support/facts.js'
import { workOf } from '../support/rollout.js'

const lines = (...events: string[]): string => events.map((event, index) => `@ ${index} ${event}\n`).join('')
const committed = lines('step 0 begin', 'step 0 end', 'committed', 'result committed')
const cluster = { get: () => Promise.reject(new YurtSshError('API_DOWN', 'no answer')) } as unknown as Cluster
const after: HostWork['after'] = [
  { kind: 'label', node: 'edge-1', key: 'k', value: 'v', before: null, reason: '' },
]

/** A host whose transaction prints `out`, and whose folder cannot be removed. */
function sessionOf(out: string): HostSession {
  return {
    host: 'edge-1',
    run: (_script: string, { onStdout }: Parameters<HostSession['run']>[1]) => {
      onStdout?.(out)
      const forgets = out === ''
      return Promise.resolve({ status: forgets ? 1 : 0, stdout: '', stderr: 'busy' })
    },
  } as unknown as HostSession
}

const gone = new YurtSshError('SSH_UNREACHABLE', 'no route', { host: 'edge-1' })
const cases: [string, Partial<HostWork>, () => Promise<HostSession>, string, string][] = [
  ['when it is not reached', {}, () => Promise.reject(gone), 'connect', 'SSH_UNREACHABLE'],
  [
    'in a step of its transaction',
    {},
    () => Promise.resolve(sessionOf(lines('step 0 begin', 'fail no hub', 'result undone'))),
    'restart the kubelet, prove it through the hub',
    'HOST_FAILED',
  ],
  [
    'when the API does not answer after its commit',
    { after },
    () => Promise.resolve(sessionOf(committed)),
    'label the node',
    'API_DOWN',
  ],
]

it.each(cases)('says what it was at %s', async (_when, changes, connect, failedAt, code) => {
  const result = await runHostWork(workOf('edge-1', changes), 'edge hosts', {
    cluster,
    connect,
    planUndo: () => Promise.resolve(undefined),
    script: { runId: 'r', release },
    emit: () => {},
  })
  expect(result).toMatchObject({ failedAt, error: { code } })
})

it('says that it was at removing its folder', async () => {
  const work = workOf('edge-1', { forget: true })
  const { transaction: _none, ...rest } = work
  const result = await runHostWork(rest, 'tidy up', {
    cluster,
    connect: () => Promise.resolve(sessionOf('')),
    planUndo: () => Promise.resolve(undefined),
    script: { runId: 'r', release },
    emit: () => {},
  })
  expect(result).toMatchObject({ failedAt: 'remove /var/lib/yurt-ssh', error: { code: 'HOST_FORGET' } })
})
