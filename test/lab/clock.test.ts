import { expect, it } from 'vitest'
import { createClock } from '../../src/lab/clock.js'

it('sleeps at least as long as asked, by its own time', async () => {
  const clock = createClock(1000)
  const before = clock.now()
  await clock.sleep(5000)
  expect(clock.now() - before).toBeGreaterThanOrEqual(5000)
})

it('wakes from a sleep that is aborted', async () => {
  const abort = new AbortController()
  const sleeping = createClock().sleep(3_600_000, abort.signal)
  abort.abort()
  await expect(sleeping).rejects.toMatchObject({ name: 'AbortError' })
})

it('refuses to sleep on a signal that is aborted already', async () => {
  await expect(createClock().sleep(1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
})
