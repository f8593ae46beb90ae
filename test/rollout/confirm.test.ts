import { afterEach, expect, it } from 'vitest'
import type { HostTransaction, HostWork } from '../../src/plan/types.js'
import { confirm } from '../../src/rollout/confirm.js'
import type { HostContext } from '../../src/rollout/context.js'
import { release } from '../support/facts.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

const work: HostWork = { host: 'edge-1', node: 'edge-1', after: [], forget: false, notes: [] }
const seconds = { first: 0.2, second: 0.2 }
let api: FakeApi
afterEach(() => api.close())

const node = (status: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'edge-1' },
  status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime: '2026-01-02T03:04:05Z' }] },
})

/** A context whose host cannot be reached for the undo that is planned. */
function contextOf(undo?: HostTransaction): { context: HostContext; asked: () => number } {
  let asked = 0
  const context: HostContext = {
    cluster: api.cluster,
    connect: () => Promise.reject(new Error('no route to the host')),
    planUndo: () => {
      asked += 1
      return Promise.resolve(undo)
    },
    script: { runId: 'r', release },
    emit: () => {},
  }
  return { context, asked: () => asked }
}

it('is content with a Node that is Ready', async () => {
  api = await fakeApi()
  api.put(node('True'))
  await confirm(work, { kind: 'node-ready' }, contextOf().context, seconds)
})

it('takes nothing back while the API is away', async () => {
  api = await fakeApi({ retrySeconds: 0 })
  api.intercept(() => 'drop')
  const { context, asked } = contextOf()
  await expect(confirm(work, { kind: 'node-ready' }, context, seconds)).rejects.toMatchObject({
    code: 'HOST_UNCONFIRMED',
    message: expect.stringContaining('it stays as it is: run again to confirm it'),
  })
  expect(asked()).toBe(0)
})

it('takes nothing back where the API does not let it look', async () => {
  api = await fakeApi()
  const forbidden = { status: 403, body: { message: 'no', reason: 'Forbidden' } }
  api.intercept(({ url }) => (url?.includes('/nodes/') ? forbidden : undefined))
  const { context, asked } = contextOf()
  await expect(confirm(work, { kind: 'node-ready' }, context, seconds)).rejects.toMatchObject({
    code: 'HOST_UNCONFIRMED',
  })
  expect(asked()).toBe(0)
})

it('says that a host stays converted when it cannot be taken back', async () => {
  api = await fakeApi()
  api.put(node('False'))
  const undo: HostTransaction = { kind: 'hub', verb: 'revert', steps: [], cleanup: [], deadlineSeconds: 1 }
  const { context, asked } = contextOf(undo)
  await expect(confirm(work, { kind: 'node-ready' }, context, seconds)).rejects.toMatchObject({
    code: 'HOST_UNCONFIRMED',
    message: expect.stringMatching(
      /Ready of node edge-1 is False.*could not be taken back \(no route.*stays converted/,
    ),
  })
  expect(asked()).toBe(1)
})
