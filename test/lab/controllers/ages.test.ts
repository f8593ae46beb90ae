import { expect, it } from 'vitest'
import { createAges } from '../../../src/lab/programs/ages.js'

it('counts how long a value stays, and no pause longer than a step', () => {
  let now = 0
  const clock = { speed: 1, now: () => now, sleep: () => Promise.resolve() }
  const ages = createAges(clock, 4000)
  const seen = [
    [0, 'a'],
    [2000, 'a'],
    [3000, 'a'],
    [100_000, 'a'],
    [101_000, 'b'],
    [102_000, 'b'],
  ] as const
  const counted = seen.map(([at, value]) => {
    now = at
    return ages.look('key', value)
  })
  expect(counted).toEqual([0, 2000, 3000, 7000, 0, 1000])
  expect(ages.look('another', 'b')).toBe(0)
})
