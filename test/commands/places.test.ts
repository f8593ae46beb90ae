import { describe, expect, it } from 'vitest'
import { createPlaces } from '../../src/commands/places.js'

const never = (): Promise<string> => new Promise(() => undefined)
const patience = 5

function settable<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

describe('places', () => {
  it('are no more than they are said to be', async () => {
    const places = createPlaces(2, patience)
    let now = 0
    let most = 0
    const work = async (value: number): Promise<number> => {
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now--
      return value
    }
    const hosts = Array.from({ length: 20 }, (_, at) => at)
    expect(await Promise.all(hosts.map((at) => places(async () => at, work)))).toEqual(hosts)
    expect(most).toBe(2)
  })

  it('of silent hosts go to living ones', async () => {
    const places = createPlaces(2, patience)
    for (let silent = 0; silent < 10; silent++) void places(never, async (value) => value)
    expect(
      await places(
        async () => 'alive',
        async (value) => value,
      ),
    ).toBe('alive')
  })

  it('are taken again by a host that answers late', async () => {
    const places = createPlaces(1, patience)
    const answer = settable<string>()
    const worked: string[] = []
    const late = places(
      () => answer.promise,
      async (value) => worked.push(value),
    )
    const begun = settable<void>()
    const end = settable<void>()
    const other = places(
      async () => 'other',
      async (value) => {
        begun.resolve()
        await end.promise
        worked.push(value)
      },
    )
    await begun.promise
    answer.resolve('late')
    await new Promise(setImmediate)
    expect(worked, 'the only place is taken').toEqual([])
    end.resolve()
    await Promise.all([late, other])
    expect(worked).toEqual(['other', 'late'])
  })

  it.each([0, patience * 4])('say what a wait failed with, after %i ms', async (ms) => {
    const places = createPlaces(1, patience)
    const failing = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      throw new Error('refused')
    }
    await expect(places(failing, async (value) => value)).rejects.toThrow('refused')
    expect(
      await places(
        async () => 'next',
        async (value) => value,
      ),
    ).toBe('next')
  })
})
