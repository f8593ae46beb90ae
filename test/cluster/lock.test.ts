import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Clock } from '../../src/cluster/clock.js'
import {
  acquireLock,
  breakLock,
  isRenewed,
  type Lock,
  type LockOptions,
  readLock,
} from '../../src/cluster/lock.js'
import type { KubeObject } from '../../src/cluster/types.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

const key = 'coordination.k8s.io/Lease/kube-system/yurt-ssh'
let api: FakeApi
let locks: Lock[]

beforeEach(async () => {
  api = await fakeApi()
  locks = []
})
afterEach(async () => {
  api.intercept(() => undefined)
  await Promise.all(locks.map((lock) => lock.release()))
  await api.close()
})

/** A thousand times as fast: a second passes in a millisecond. */
function fastClock(): Clock {
  const start = performance.now()
  const now = () => (performance.now() - start) * 1000
  return {
    now,
    date: () => new Date(Date.UTC(2026, 0, 1) + now()),
    sleep: (milliseconds, signal) => sleep(milliseconds / 1000, undefined, signal ? { signal } : {}),
  }
}

async function acquire(options: Partial<LockOptions> = {}): Promise<Lock> {
  const lock = await acquireLock(api.cluster, { holder: 'me@here:1/run', clock: fastClock(), ...options })
  locks.push(lock)
  return lock
}

const held = (): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'yurt-ssh', namespace: 'kube-system' },
  spec: {
    holderIdentity: 'you@there:2/run',
    leaseDurationSeconds: 60,
    acquireTime: '2020-01-01T00:00:00.000000Z',
    renewTime: '2020-01-01T00:00:00.000000Z',
  },
})

it('takes a free lock, writes who holds it, and removes it', async () => {
  const lock = await acquire()
  expect(api.objects.get(key)).toMatchObject({
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'yurt-ssh' } },
    spec: {
      holderIdentity: 'me@here:1/run',
      leaseDurationSeconds: 60,
      renewTime: expect.stringMatching(/\.\d{6}Z$/) as string,
    },
  })
  expect(await lock.release()).toBe(true)
  expect(await readLock(api.cluster)).toBeNull()
})

it('renews it', async () => {
  await acquire()
  const first = await readLock(api.cluster)
  await vi.waitFor(async () => expect((await readLock(api.cluster))?.renewed).not.toBe(first?.renewed))
})

it('refuses while its holder renews it', async () => {
  api.put(held())
  const onWaiting = () =>
    api.touch(key, (lease) =>
      Object.assign(lease.spec as object, { renewTime: '2020-01-01T00:00:15.000000Z' }),
    )
  await expect(acquire({ onWaiting })).rejects.toMatchObject({
    code: 'LOCK_HELD',
    message: 'you@there:2/run has been changing this cluster since 2020-01-01T00:00:00.000000Z',
  })
})

it('takes over one that nobody renewed for its duration on our own clock, however old it says it is', async () => {
  api.put(held())
  const waiting: string[] = []
  const before = performance.now()
  await acquire({ onWaiting: (state, seconds) => waiting.push(`${state.holder} ${seconds}`) })
  expect(performance.now() - before).toBeGreaterThanOrEqual(59)
  expect(waiting).toEqual(['you@there:2/run 60'])
  expect((await readLock(api.cluster))?.holder).toBe('me@here:1/run')
})

it('stops waiting when interrupted', async () => {
  api.put(held())
  const signal = AbortSignal.timeout(10)
  await expect(acquireLock(api.cluster, { holder: 'me', signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
})

it('lets one of two take a free lock', async () => {
  const outcomes = await Promise.allSettled([acquire({ holder: 'a' }), acquire({ holder: 'b' })])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

it('survives a lost answer to a renewal, and a change of something else', async () => {
  const lost: string[] = []
  await acquire({ onLost: (reason) => lost.push(reason) })
  api.touch(key, (lease) => Object.assign(lease.metadata, { annotations: { seen: 'yes' } }))
  await sleep(60)
  expect(lost).toEqual([])
  expect((await readLock(api.cluster))?.holder).toBe('me@here:1/run')
})

it('tells when someone else took it, and leaves theirs alone', async () => {
  const lost: string[] = []
  const lock = await acquire({ onLost: (reason) => lost.push(reason) })
  api.touch(key, (lease) => Object.assign(lease.spec as object, { holderIdentity: 'you' }))
  await vi.waitFor(() => expect(lost).toEqual(['the lock was taken over by you']))
  expect(await lock.release()).toBe(false)
  expect((await readLock(api.cluster))?.holder).toBe('you')
})

it('tells when it could not be renewed for its duration', async () => {
  const lost: string[] = []
  await acquire({ onLost: (reason) => lost.push(reason) })
  api.intercept(() => ({ status: 503, body: 'away' }))
  const problem = 'cannot patch Lease kube-system/yurt-ssh: away'
  await vi.waitFor(() => expect(lost).toEqual([`the lock could not be renewed for 60 s: ${problem}`]))
})

it('breaks a lock only as it was shown', async () => {
  api.put(held())
  const seen = await readLock(api.cluster)
  if (seen === null) throw new Error('no lock')
  api.touch(key, (lease) => Object.assign(lease.spec as object, { renewTime: 'later' }))
  await expect(breakLock(api.cluster, seen)).rejects.toMatchObject({ code: 'LOCK_CHANGED' })
  const again = await readLock(api.cluster)
  if (again === null) throw new Error('no lock')
  await breakLock(api.cluster, again)
  expect(await readLock(api.cluster)).toBeNull()
})

it('takes over at once one whose holder is known to be dead', async () => {
  api.put(held())
  const waiting: string[] = []
  const isDead = ({ holder }: { holder: string }) => holder === 'you@there:2/run'
  await acquire({ isDead, onWaiting: ({ holder }) => waiting.push(holder) })
  expect(waiting).toEqual([])
  expect((await readLock(api.cluster))?.holder).toBe('me@here:1/run')
})

it.each<[string, () => void, boolean]>([
  ['nobody touches it', () => undefined, false],
  [
    'its holder renews it',
    () => api.touch(key, ({ spec }) => Object.assign(spec as object, { renewTime: 'later' })),
    true,
  ],
  ['its holder lets it go', () => api.objects.delete(key), true],
])('watches whether a lock is renewed: %s', async (_, happens, renewed) => {
  api.put(held())
  const seen = await readLock(api.cluster)
  if (seen === null) throw new Error('no lock')
  happens()
  const options = { seconds: 20, clock: fastClock(), signal: new AbortController().signal }
  expect(await isRenewed(api.cluster, seen, options)).toBe(renewed)
})
