import { expect, it, vi } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { withDeadline } from '../../src/ssh/deadline.js'
import { closedVerifier } from '../../src/ssh/host-keys.js'
import { createShared } from '../../src/ssh/shared.js'

function value() {
  const ended = new AbortController()
  return { lost: ended.signal, close: () => ended.abort() }
}

it('opens a value once for all who ask, and anew once it is lost', async () => {
  const shared = createShared<ReturnType<typeof value>>()
  const open = vi.fn(async () => value())
  const [first, second] = await Promise.all([shared.get('a', open), shared.get('a', open)])
  expect(first).toBe(second)
  expect(open).toHaveBeenCalledTimes(1)
  first.close()
  expect(await shared.get('a', open)).not.toBe(first)
  expect(open).toHaveBeenCalledTimes(2)
})

it('forgets a failure unless it is one to keep', async () => {
  const shared = createShared<ReturnType<typeof value>>((error) => error instanceof RangeError)
  const open = vi.fn(async () => {
    throw open.mock.calls.length === 1 ? new Error('once') : new RangeError('for good')
  })
  for (const message of ['once', 'for good', 'for good'])
    await expect(shared.get('a', open)).rejects.toThrow(message)
  expect(open).toHaveBeenCalledTimes(2)
})

it.each([
  ['trusted', true],
  ['other', false],
  [true, false],
  [undefined, false],
  [Promise.resolve('trusted'), false],
])('a host key check that returns %s answers %s', (result, expected) => {
  const answer = vi.fn()
  expect(closedVerifier(() => result, vi.fn())(Buffer.alloc(0), answer)).toBeUndefined()
  expect(answer).toHaveBeenCalledExactlyOnceWith(expected)
})

it('a host key check that throws answers no, and the error is handed on', () => {
  const [answer, refused] = [vi.fn(), vi.fn()]
  const check = () => {
    throw new Error('no')
  }
  closedVerifier(check, refused)(Buffer.alloc(0), answer)
  expect(answer).toHaveBeenCalledExactlyOnceWith(false)
  expect(refused).toHaveBeenCalledExactlyOnceWith(new Error('no'))
})

it('withDeadline ends a wait in time, or when told to', async () => {
  const timeout = () => new YurtSshError('SSH_TIMEOUT', 'too late')
  const stops: AbortSignal[] = []
  const never = (stop: AbortSignal) => {
    stops.push(stop)
    return new Promise<never>(() => undefined)
  }
  await expect(withDeadline({ seconds: 0.01, timeout }, never)).rejects.toMatchObject({ code: 'SSH_TIMEOUT' })
  await expect(withDeadline({ signal: AbortSignal.abort(), timeout }, never)).rejects.toMatchObject({
    code: 'SSH_ABORTED',
  })
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 10)
  await expect(withDeadline({ signal: controller.signal, timeout }, never)).rejects.toMatchObject({
    code: 'SSH_ABORTED',
  })
  expect(stops.map(({ aborted }) => aborted)).toEqual([true, true])
})
