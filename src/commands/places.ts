import pLimit from 'p-limit'

/** Work of many hosts, at most so many at a time; see `createPlaces`. */
export type Places = <T, R>(wait: () => Promise<T>, work: (value: T) => Promise<R>) => Promise<R>

/** How long a wait may keep its place, in milliseconds: hosts that answer take less. */
const patienceMs = 3000

/** Waits that go on without a place; each holds a socket. */
const mostAside = 500

/**
 * At most `count` hosts at a time. A host is waited for, then worked; one that is waited for too long goes on waiting
 * beside the others and takes a place again when it is there, so that silent hosts hold up no living ones.
 */
export function createPlaces(count: number, patience = patienceMs): Places {
  const limit = pLimit(count)
  let aside = 0
  return async (wait, work) => {
    const inTime = await limit(async () => {
      const waiting = wait()
      const slow = aside < mostAside && (await isSlow(waiting, patience))
      if (slow) aside++
      return slow ? { waiting } : { done: await waiting.then(work) }
    })
    if ('done' in inTime) return inTime.done
    const value = await inTime.waiting.finally(() => aside--)
    return limit(() => work(value))
  }
}

async function isSlow(waiting: Promise<unknown>, patience: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, patience, true)
  })
  const settled = waiting.then(
    () => false,
    () => false,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}
