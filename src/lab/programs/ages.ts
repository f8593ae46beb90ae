import type { Clock } from '../types.js'

/** How long values have stayed as they are, as their watcher counts it. */
export interface Ages {
  /** Milliseconds that `key` has had this value; 0 at first sight and after a change. */
  look(key: string, value: string): number
}

/**
 * Between two looks at most `longestStepMs` count. The lab's programs share one process: when a busy machine stops it
 * for a moment, a fast clock makes long minutes of it in which nobody could send a heartbeat.
 */
export function createAges(clock: Clock, longestStepMs: number): Ages {
  const seen = new Map<string, { value: string; age: number; at: number }>()
  return {
    look(key, value) {
      const now = clock.now()
      const last = seen.get(key)
      const age = last?.value === value ? last.age + Math.min(now - last.at, longestStepMs) : 0
      seen.set(key, { value, age, at: now })
      return age
    },
  }
}
