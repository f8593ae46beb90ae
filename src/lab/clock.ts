import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from './types.js'

/** setTimeout takes no more; a longer one would fire at once. */
const longest = 2_147_483_647

/** A clock that starts at the machine's time and runs `speed` times as fast. */
export function createClock(speed = 1): Clock {
  const start = Date.now()
  const startedAt = performance.now()
  const now = () => start + (performance.now() - startedAt) * speed
  return {
    speed,
    now,
    async sleep(milliseconds, signal) {
      const end = now() + milliseconds
      for (let left = milliseconds; ; left = end - now()) {
        await pause(Math.min(Math.max(left, 0) / speed, longest), undefined, signal ? { signal } : {})
        if (now() >= end) return
      }
    },
  }
}
